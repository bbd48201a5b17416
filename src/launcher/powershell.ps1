# Blocks the deployment until its Jira Service Management change request is approved and inside its window.
# Generated from the project's sources: change them there, then build the template again.
#
# It finds Node, starts it, passes it the bundle and the variables, reads its error output, and cleans up.
# Everything goes through Node's standard input, so that no secret is on a command line, in a file or in an
# environment that others can read, and the action runs from memory. The input stays open while the action
# runs: if this process is killed, the input closes, and the action ends too. Node's error output comes back
# here: it contains the action's status lines (loader.cjs describes them), and anything else in it is shown as
# a warning.
#
# Runs in Windows PowerShell 5.1 and in PowerShell 7. Octopus also makes each of its variables a PowerShell
# variable, and a script module may have set any preference. The code therefore has a separate scope, assigns
# each name before it reads it, and calls .NET rather than cmdlets.
& {
    # This comes first, because the former value may change what the next command does.
    $PSDefaultParameterValues = @{}
    $ErrorActionPreference = 'Stop'
    # A trace would print assigned values.
    Microsoft.PowerShell.Core\Set-PSDebug -Trace 0
    $exactNames = '__NAMES__'
    $namePatterns = '__PATTERNS__'
    $loader = '__LOADER__'
    $bundle = '__BUNDLE__'
    # The operation of a template that has only one; otherwise empty.
    $fixed = '__OPERATION__'
    $problem = ''
    $decisionCode = 'NotStarted'
    $operation = $null
    $action = $null
    $outcome = ''
    $said = [Collections.Generic.List[string]]::new()
    # ASCII, since Octopus decodes the output of Windows with another code page; and never a service message.
    $plain = { [regex]::Replace([string]$args[0], '[^ -~]|##', '?') }
    $warn = {
        [Console]::Out.WriteLine('##octopus[stdout-warning]')
        foreach ($line in $args[0]) { [Console]::Out.WriteLine((& $plain $line)) }
        [Console]::Out.WriteLine('##octopus[stdout-default]')
    }
    $base64 = { [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes([string]$args[0])) }
    # Starts a program with pipes, and without one environment variable. .NET Framework loses the case of
    # names in an environment that is built for the new process, so this process briefly removes the variable
    # from its own.
    $launch = {
        $start = [Diagnostics.ProcessStartInfo]::new($args[0], $args[1])
        $without = $args[2]
        $start.UseShellExecute = $false
        $start.RedirectStandardInput = $true
        $start.RedirectStandardOutput = $args[3]
        $start.RedirectStandardError = $true
        $kept = [string][Environment]::GetEnvironmentVariable($without)
        try {
            if ($kept -ne '') { [Environment]::SetEnvironmentVariable($without, '') }
            [Diagnostics.Process]::Start($start)
        } finally {
            if ($kept -ne '') { [Environment]::SetEnvironmentVariable($without, $kept) }
        }
    }
    try {
        try { $null = $OctopusParameters.TryGetValue('JsmChange.Operation', [ref]$operation) } catch {
            throw 'The Octopus variables cannot be read: $OctopusParameters is missing. Run this step on a worker with a Tentacle or with Calamari.'
        }
        if ($fixed -ne '') { $operation = $fixed }

        # 1. Find Node: the first on the PATH that starts and is new enough.
        if ([IO.Path]::PathSeparator -eq ';') {
            $slash = '\'
            $program = 'node.exe'
            $absolute = '^([A-Za-z]:|\\)[\\/]'
        } else {
            $slash = '/'
            $program = 'node'
            $absolute = '^/'
        }
        $node = ''
        $major = 0
        $minor = 0
        $found = [Collections.Generic.List[string]]::new()
        foreach ($entry in ([string][Environment]::GetEnvironmentVariable('PATH')).Split([IO.Path]::PathSeparator)) {
            $folder = $entry.Trim('"').TrimEnd('/', '\') + $slash
            # Skip a folder such as `.`, which depends on where the agent was started.
            if (-not [regex]::IsMatch($folder, $absolute)) { continue }
            $candidate = $folder + $program
            if (-not [IO.File]::Exists($candidate)) {
                foreach ($script in 'node.cmd', 'node.bat') {
                    if ($slash -eq '\' -and [IO.File]::Exists($folder + $script)) {
                        $found.Add("$folder$script, which is a script and not a program ($program)")
                    }
                }
                continue
            }
            $asked = $null
            $answer = ''
            $complaint = ''
            try {
                # NODE_OPTIONS takes effect when the action starts, and any problem is reported then (B9).
                $asked = & $launch $candidate '--version' 'NODE_OPTIONS' $true
                $asked.StandardInput.Close()
                $complaining = $asked.StandardError.ReadToEndAsync()
                $answering = $asked.StandardOutput.ReadLineAsync()
                if (-not $answering.Wait(10000)) {
                    $complaint = 'no answer within 10 seconds'
                } else {
                    $answer = ([string]$answering.Result).Trim()
                    if ($answer -eq '' -and $complaining.Wait(1000)) { $complaint = $complaining.Result }
                }
            } catch {
                $complaint = $_.Exception.GetBaseException().Message
            } finally {
                if ($null -ne $asked) {
                    try { $asked.Kill() } catch { $null = $_ }
                    $asked.Dispose()
                }
            }
            $numbers = [regex]::Match($answer, '^v([0-9]{1,4})\.([0-9]{1,4})\.[0-9]+')
            if ($numbers.Success) {
                $major = [int]$numbers.Groups[1].Value
                $minor = [int]$numbers.Groups[2].Value
                if ($major -ge 20) {
                    $node = $candidate
                    break
                }
                $found.Add($numbers.Value + " at $candidate")
            } else {
                $complaint = [regex]::Replace("$answer$complaint", '\s+', ' ').Trim()
                if ($complaint.Length -gt 200) { $complaint = $complaint.Substring(0, 200) }
                $found.Add("$candidate, which does not report a version ($complaint)")
            }
        }
        if ($node -eq '') {
            if ($found.Count -eq 0) { $found.Add('no node at all') }
            $list = [string]::Join(', ', $found.ToArray())
            throw "This step needs Node.js 20 or later, and the PATH of this worker has $list. The easiest fix: run this step in the worker-tools image (octopusdeploy/worker-tools), which contains Node.js. Otherwise install Node.js on the worker and put it on the PATH of the account that runs the agent."
        }

        # 2. Prepare the input: the bundle, which the loader unpacks inside Node; a random key for this run,
        # which the action returns reversed, so that echoing the input proves nothing (B8); and the variables
        # that the action reads, and no others. Octopus ignores case in variable names, so each name is passed
        # as the action spells it.
        $key = [guid]::NewGuid().ToString('N') + [guid]::NewGuid().ToString('N')
        $sign = [string]::Join('', $key[63..0])
        $items = [Collections.Generic.List[string]]::new()
        $items.Add($bundle)
        $items.Add($key)
        $wanted = [Collections.Generic.Dictionary[string, string]]::new([StringComparer]::OrdinalIgnoreCase)
        foreach ($name in [regex]::Split($exactNames.Trim(), '\s+')) { $wanted[$name] = $name }
        # Not by .Keys: if a variable has that name, PowerShell would return its value.
        foreach ($variable in $OctopusParameters.GetEnumerator()) {
            $given = $variable.Key
            $name = $null
            if (-not $wanted.TryGetValue($given, [ref]$name)) {
                foreach ($pattern in [regex]::Split($namePatterns.Trim(), '\s+')) {
                    $prefix, $suffix = $pattern.Split('*')
                    $length = $given.Length - $prefix.Length - $suffix.Length
                    if ($length -gt 0 -and $given.StartsWith($prefix, 'OrdinalIgnoreCase') -and $given.EndsWith($suffix, 'OrdinalIgnoreCase')) {
                        $name = $prefix + $given.Substring($prefix.Length, $length) + $suffix
                        break
                    }
                }
                if ([string]::IsNullOrEmpty($name)) { continue }
            }
            # NUL characters separate the items.
            $value = [string]$variable.Value
            if (($name + $value).IndexOf([char]0) -ge 0) {
                $name = $name.Replace([string][char]0, '?')
                throw "The variable $name cannot be passed to the action: it contains a NUL character. Remove it from the variable's name or value."
            }
            $items.Add($name)
            $items.Add($value)
        }
        # If a name has two values, the action uses the last.
        if ($fixed -ne '') {
            $items.Add('JsmChange.Operation')
            $items.Add($fixed)
        }
        $items.Add('')
        $items.Add('')
        $bytes = [Text.UTF8Encoding]::new($false).GetBytes([string]::Join([string][char]0, $items.ToArray()))

        # 3. Run the action, which writes to the output of this step.
        $arguments = '--input-type=commonjs -e "' + $loader + '"'
        # Companies put their own certificates into the system's store, which Node reads only on request. Node
        # ends immediately if its options name two stores.
        $options = [string][Environment]::GetEnvironmentVariable('NODE_OPTIONS')
        $knowsStore = $major -ge 24 -or ($major -eq 23 -and $minor -ge 8) -or ($major -eq 22 -and $minor -ge 15)
        if ($knowsStore -and $null -eq [Environment]::GetEnvironmentVariable('NODE_USE_SYSTEM_CA') -and -not [regex]::IsMatch($options, 'use[-_](openssl|bundled|system)[-_]ca')) {
            $arguments = '--use-system-ca ' + $arguments
        }
        # If NODE_DEBUG is set, Node may print its requests, including the token.
        $action = & $launch $node $arguments 'NODE_DEBUG' $false
        $buffer = [char[]]::new(16384)
        $reading = $action.StandardError.ReadAsync($buffer, 0, $buffer.Length)
        try {
            $action.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
            $action.StandardInput.BaseStream.Flush()
        } catch {
            # Node ended before it had read everything: its exit code and its output show why.
            $null = $_
        }
        # Until Node ends, read the action's status lines, and at most the first and last 20,000 characters of
        # everything else. Each wait has a timeout, because PowerShell can be stopped only between waits.
        $begun = $false
        $text = ''
        while ($true) {
            if (-not $reading.Wait(1000)) {
                # A program that Node started may keep the pipe open after Node has ended.
                if ($action.HasExited) { break }
                continue
            }
            if ($reading.Result -eq 0) { break }
            $text += [string]::new($buffer, 0, $reading.Result)
            if (-not $begun -and $text.Contains("$sign begun")) {
                $begun = $true
                $decisionCode = 'Unexpected'
            }
            if ($text.Length -gt 40000) { $text = $text.Substring(0, 20000) + $text.Substring($text.Length - 20000) }
            $reading = $action.StandardError.ReadAsync($buffer, 0, $buffer.Length)
        }
        foreach ($line in [regex]::Split($text, '\r?\n')) {
            if ($line -ceq "$sign allowed" -or $line -ceq "$sign ended") {
                $outcome = $line.Substring($sign.Length + 1)
            } elseif ($line -ne '' -and $line -cne "$sign begun") {
                $said.Add($line.Substring(0, [Math]::Min(1000, $line.Length)))
            }
        }
        while (-not $action.WaitForExit(1000)) { }
        $ended = $action.ExitCode
        if ($outcome -eq 'allowed' -and $ended -ne 0) { $outcome = '' }
        if ($outcome -eq '' -and $begun) {
            throw "The action ended unexpectedly (exit code $ended). The lines above say more."
        }
        if ($outcome -eq '') {
            $hint = ''
            if ($options -ne '') { $hint = ' NODE_OPTIONS is set on this worker: check what it asks for, or remove it.' }
            throw "Node.js ($node) ended before the action began (exit code $ended).$hint If Node.js gave a reason, it is in the warning above; otherwise the worker may be short of memory."
        }
    } catch {
        $outcome = ''
        $problem = $_.Exception.GetBaseException().Message
    } finally {
        # 4. Clean up: closing the input ends the action. The action ran from memory and left no file.
        if ($null -ne $action) {
            try {
                $action.StandardInput.Close()
                if (-not $action.WaitForExit(5000)) { $action.Kill() }
                $action.Dispose()
            } catch { $null = $_ }
        }
    }
    if ($said.Count -gt 0) { & $warn $said.ToArray() }
    if ($outcome -eq 'allowed') { exit 0 }
    # The action has already reported everything.
    if ($outcome -eq 'ended') { exit 1 }
    $operation = ([string]$operation).Trim().ToLowerInvariant()
    $problem = & $plain $problem
    if ($problem.Length -gt 1500) { $problem = $problem.Substring(0, 1500) }
    if ($operation -eq 'report') {
        & $warn @("$problem The change request was not updated. The deployment is not affected.")
        exit 0
    }
    [Console]::Out.WriteLine($problem)
    if ($operation -ne 'test' -and $operation -ne 'resume') {
        foreach ($output in @(@('Decision', 'Error'), @('DecisionCode', $decisionCode), @('DecisionReason', $problem))) {
            [Console]::Out.WriteLine("##octopus[setVariable name='" + (& $base64 $output[0]) + "' value='" + (& $base64 $output[1]) + "']")
        }
    }
    [Console]::Out.WriteLine("##octopus[resultMessage message='" + (& $base64 $problem) + "']")
    exit 1
}
