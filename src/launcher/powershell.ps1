# Blocks the deployment until its Jira Service Management change request is approved and inside its window.
# Generated from the project's sources: change them there, then build the template anew.
#
# What this does, in order: find Node, unpack, hand over the variables, run, clean up. Everything goes through Node's
# standard input, so that no secret stands on a command line, in a file or in an environment that others can read, and
# nothing is left on the disk of the worker. That input stays open while the action runs: when this process is killed
# it closes, and the action ends with it.
#
# Runs in Windows PowerShell 5.1 and in PowerShell 7. Octopus makes each of its variables a PowerShell variable too, and
# a script module may have set any preference: so all this has a scope of its own, assigns a name before it reads it,
# and calls .NET rather than commands.
& {
    $ErrorActionPreference = 'Stop'
    # A trace would print the values that are assigned.
    Microsoft.PowerShell.Core\Set-PSDebug -Trace 0
    $exactNames = '__NAMES__'
    $namePatterns = '__PATTERNS__'
    $loader = '__LOADER__'
    $bundle = '__BUNDLE__'
    $problem = ''
    $action = $null
    $code = 1
    try {
        # 1. Find Node: the first on the PATH that can be started.
        $wantedNode = 'Node.js 20 or later'
        $way = 'The easy way: run this step in the worker-tools image (octopusdeploy/worker-tools), which holds it. Or install Node.js on the worker and put it on the PATH of the account that runs the agent.'
        if ([IO.Path]::PathSeparator -eq ';') {
            $program = '\node.exe'
            $absolute = '^([A-Za-z]:|\\)[\\/]'
        } else {
            $program = '/node'
            $absolute = '^/'
        }
        $node = ''
        $version = ''
        $complaint = ''
        foreach ($entry in ([string][Environment]::GetEnvironmentVariable('PATH')).Split([IO.Path]::PathSeparator)) {
            $candidate = $entry.Trim('"').TrimEnd('/', '\') + $program
            # A folder such as `.`, which depends on where the agent stands, is no place to take a program from.
            if (-not [regex]::IsMatch($candidate, $absolute) -or -not [IO.File]::Exists($candidate)) { continue }
            $node = $candidate
            $start = [Diagnostics.ProcessStartInfo]::new($node, '--version')
            $start.UseShellExecute = $false
            $start.RedirectStandardInput = $true
            $start.RedirectStandardOutput = $true
            $start.RedirectStandardError = $true
            try { $asked = [Diagnostics.Process]::Start($start) } catch {
                # It may not be run; there may be another, further down the PATH.
                $complaint = $_.Exception.GetBaseException().Message
                continue
            }
            $asked.StandardInput.Close()
            $complaining = $asked.StandardError.ReadToEndAsync()
            $version = $asked.StandardOutput.ReadToEnd().Trim()
            $complaint = ($version + ' ' + $complaining.Result).Trim()
            $asked.WaitForExit()
            $asked.Dispose()
            break
        }
        if ($node -eq '') { throw "This step needs $wantedNode, and found no node on the PATH. $way" }
        $numbers = [regex]::Match($version, '^v([0-9]{1,4})\.([0-9]{1,4})\.[0-9]')
        if (-not $numbers.Success) {
            $complaint = [regex]::Replace($complaint, '[^A-Za-z0-9 ._/\\:-]+', ' ')
            if ($complaint.Length -gt 300) { $complaint = $complaint.Substring(0, 300) }
            throw "This step needs $wantedNode, but $node does not tell its version; it says: $complaint. $way"
        }
        $major = [int]$numbers.Groups[1].Value
        $minor = [int]$numbers.Groups[2].Value
        if ($major -lt 20) { throw "This step needs $wantedNode, and found $version at $node. $way" }

        # 2. Unpack: the loader does it, inside Node, from the first item that it reads.
        $arguments = '--input-type=commonjs -e "' + $loader + '"'
        # Companies put their own certificates into the system's store; Node looks there when told to.
        $knowsStore = $major -ge 24 -or ($major -eq 23 -and $minor -ge 8) -or ($major -eq 22 -and $minor -ge 15)
        if ($knowsStore -and $null -eq [Environment]::GetEnvironmentVariable('NODE_USE_SYSTEM_CA')) {
            $arguments = '--use-system-ca ' + $arguments
        }
        $items = [Collections.Generic.List[string]]::new()
        $items.Add($bundle)

        # 3. Hand over the variables: those that the action reads, and no others. Octopus ignores the case of a name;
        # the action gets it as it knows it.
        $wanted = [Collections.Generic.Dictionary[string, string]]::new([StringComparer]::OrdinalIgnoreCase)
        foreach ($name in [regex]::Split($exactNames.Trim(), '\s+')) { $wanted[$name] = $name }
        # Not by .Keys: where a variable has that name, it would answer.
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
            # Items are told apart by NUL characters, which an environment could not carry either.
            $value = [string]$variable.Value
            if (($name + $value).IndexOf([char]0) -ge 0) {
                $name = $name.Replace([string][char]0, '?')
                throw "The variable $name cannot be handed to the action: it holds a NUL character, which an environment cannot carry."
            }
            $items.Add($name)
            $items.Add($value)
        }
        $items.Add('')
        $items.Add('')
        $bytes = [Text.UTF8Encoding]::new($false).GetBytes([string]::Join([string][char]0, $items.ToArray()))

        # 4. Run: the action writes to this step's own output.
        $start = [Diagnostics.ProcessStartInfo]::new($node, $arguments)
        $start.UseShellExecute = $false
        $start.RedirectStandardInput = $true
        # Where it is set, Node prints its requests, with the token in them. .NET Framework loses the case of names in
        # an environment of the process' own, so that of this process lacks it for a moment.
        $debugged = [string][Environment]::GetEnvironmentVariable('NODE_DEBUG')
        try {
            if ($debugged -ne '') { [Environment]::SetEnvironmentVariable('NODE_DEBUG', '') }
            $action = [Diagnostics.Process]::Start($start)
        } finally {
            if ($debugged -ne '') { [Environment]::SetEnvironmentVariable('NODE_DEBUG', $debugged) }
        }
        try {
            $action.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
            $action.StandardInput.BaseStream.Flush()
        } catch [IO.IOException] {
            # It ended before it had read all: its exit code tells.
            $null = $_
        }
        # In turns, for only between them can PowerShell be stopped.
        while (-not $action.WaitForExit(1000)) { }
        $ended = $action.ExitCode
        # 64 is what the action ends with when it lets the deployment go: any Node can end with 0.
        if ($ended -eq 64) {
            $code = 0
        } elseif ($ended -ne 1) {
            throw "The action ended unexpectedly (exit code $ended), so the deployment does not go on. The lines above tell more."
        }
    } catch {
        $problem = $_.Exception.GetBaseException().Message
    } finally {
        # 5. Clean up: without its input the action ends. It ran from memory, and has left no file.
        if ($null -ne $action) {
            try {
                $action.StandardInput.Close()
                if (-not $action.WaitForExit(5000)) { $action.Kill() }
                $action.Dispose()
            } catch { $null = $_ }
        }
    }
    if ($problem -ne '') {
        # ASCII, as Octopus reads the output of Windows in another code page; and never a service message by accident.
        Write-Host ([regex]::Replace($problem, '[^ -~]|##', '?'))
        # A gate leaves its decision behind even when its action could not run.
        $operation = $null
        $null = $OctopusParameters.TryGetValue('JsmChange.Operation', [ref]$operation)
        if (-not [regex]::IsMatch([string]$operation, '^\s*(Report|Test)\s*$', 'IgnoreCase, CultureInvariant')) {
            Set-OctopusVariable 'Decision' 'Error'
            Set-OctopusVariable 'DecisionReason' $problem
        }
        Fail-Step $problem
    }
    exit $code
}
