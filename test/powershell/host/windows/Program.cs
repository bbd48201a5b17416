// As `node.exe`, on the PATH of a test, it stands for something that is not a suitable Node: the environment variable
// PRETENDED_NODE is what it prints on stdout, and `hang` makes it wait for ever. As itself it is PowerShell.
if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "node")
{
    var says = Environment.GetEnvironmentVariable("PRETENDED_NODE");
    if (says == "hang") Thread.Sleep(Timeout.Infinite);
    Console.Out.WriteLine(says);
    return 0;
}
return Microsoft.PowerShell.UnmanagedPSEntry.Start(args, args.Length);
