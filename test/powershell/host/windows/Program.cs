// As `node.exe` it stands for something on the PATH that is not Node: the name of its folder says what it does.
// `says TEXT` prints a text, `complains TEXT` does so on stderr, `hangs` never ends, `echoes VERSION` prints its version,
// or all that it is given with each word after it that an action says. As itself it is PowerShell.
if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) != "node")
    return Microsoft.PowerShell.UnmanagedPSEntry.Start(args, args.Length);

var folder = Path.GetFileName(Path.GetDirectoryName(Environment.ProcessPath)) ?? "";
var does = folder.Split(' ')[0];
var text = folder[does.Length..].Trim();
if (does == "hangs") Thread.Sleep(Timeout.Infinite);
if (does == "complains") Console.Error.WriteLine(text);
else if (does == "says" || args is ["--version"]) Console.Out.WriteLine(text);
if (does != "echoes" || args is ["--version"]) return 0;

var item = new System.Text.StringBuilder();
for (var next = Console.In.Read(); next >= 0; next = Console.In.Read())
{
    if (next != 0)
    {
        item.Append((char)next);
        continue;
    }
    if (item.Length == 0) break;
    foreach (var sign in new[] { "begun", "allowed" }) Console.Error.WriteLine($"{item} {sign}");
    item.Clear();
}
return 0;
