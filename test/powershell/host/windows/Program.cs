using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

// Takes the arguments of `pwsh` that Octopus uses, and runs what follows -Command:
//   PowerShellHost -NoLogo -NonInteractive -ExecutionPolicy Unrestricted -Command "<script text>"
// What `pwsh` would print as an object goes to stdout as `OUTPUT <text>`, so that a test sees a stray value.
// Errors go to stderr and end the run with 1, as they do there.

//
// Under the name `node` it stands for a Node that is too old, or for something else of that name.

if (args is ["--version"])
{
    Console.Out.WriteLine(Environment.GetEnvironmentVariable("PRETENDED_NODE_VERSION"));
    return 0;
}

var at = Array.FindIndex(args, arg => arg.Equals("-Command", StringComparison.OrdinalIgnoreCase));
if (at < 0 || at + 1 >= args.Length)
{
    Console.Error.WriteLine("usage: PowerShellHost -Command <script text>");
    return 64;
}

var state = InitialSessionState.CreateDefault2();
if (OperatingSystem.IsWindows())
{
    state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Unrestricted;
}
// The module that holds Write-Host is not to be had as a package. A real `pwsh` brings its own.
state.Commands.Add(new SessionStateFunctionEntry(
    "Write-Host", "param($Object, $ForegroundColor) $Host.UI.WriteLine([string]$Object)"));

var host = new ConsoleHost();
using var runspace = RunspaceFactory.CreateRunspace(host, state);
runspace.Open();
using var shell = PowerShell.Create(runspace);
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    shell.BeginStop(null, null);
};

var failed = false;
shell.Streams.Error.DataAdded += (sender, added) =>
{
    failed = true;
    Console.Error.WriteLine(((PSDataCollection<ErrorRecord>)sender!)[added.Index]);
};
var output = new PSDataCollection<PSObject?>();
output.DataAdded += (sender, added) =>
    Console.Out.WriteLine("OUTPUT " + ((PSDataCollection<PSObject?>)sender!)[added.Index]);
try
{
    shell.AddScript(args[at + 1]).Invoke(null, output);
}
catch (RuntimeException problem)
{
    failed = true;
    Console.Error.WriteLine(problem.ErrorRecord);
    Console.Error.WriteLine(problem.ErrorRecord.ScriptStackTrace);
}
return host.ExitCode ?? (failed ? 1 : 0);

/// <summary>The least host that the engine needs: it writes lines to the console and keeps the exit code.</summary>
sealed class ConsoleHost : PSHost
{
    private readonly LineInterface ui = new();

    public int? ExitCode { get; private set; }
    public override string Name => "ConsoleHost";
    public override Version Version => new(7, 6);
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override PSHostUserInterface UI => ui;
    public override System.Globalization.CultureInfo CurrentCulture => System.Globalization.CultureInfo.InvariantCulture;
    public override System.Globalization.CultureInfo CurrentUICulture => System.Globalization.CultureInfo.InvariantCulture;
    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;
    public override void EnterNestedPrompt() => throw new NotSupportedException();
    public override void ExitNestedPrompt() => throw new NotSupportedException();
    public override void NotifyBeginApplication() { }
    public override void NotifyEndApplication() { }
}

/// <summary>Writes lines; asks nobody anything, as a worker has nobody to ask.</summary>
sealed class LineInterface : PSHostUserInterface
{
    public override PSHostRawUserInterface? RawUI => null;
    public override void Write(string value) => Console.Out.Write(value);
    public override void Write(ConsoleColor foreground, ConsoleColor background, string value) => Write(value);
    public override void WriteLine(string value) => Console.Out.WriteLine(value);
    public override void WriteErrorLine(string value) => Console.Error.WriteLine(value);
    public override void WriteDebugLine(string message) => WriteLine("DEBUG: " + message);
    public override void WriteVerboseLine(string message) => WriteLine("VERBOSE: " + message);
    public override void WriteWarningLine(string message) => WriteLine("WARNING: " + message);
    public override void WriteProgress(long sourceId, ProgressRecord record) { }
    public override string ReadLine() => throw new NotSupportedException();
    public override System.Security.SecureString ReadLineAsSecureString() => throw new NotSupportedException();
    public override Dictionary<string, PSObject> Prompt(
        string caption, string message, System.Collections.ObjectModel.Collection<FieldDescription> descriptions) =>
        throw new NotSupportedException();
    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName) => throw new NotSupportedException();
    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName,
        PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw new NotSupportedException();
    public override int PromptForChoice(
        string caption, string message, System.Collections.ObjectModel.Collection<ChoiceDescription> choices,
        int defaultChoice) => throw new NotSupportedException();
}
