# The change request gate of Jira Service Management: finds Node, unpacks the action below, hands over the variables,
# runs it, cleans up. Made from the project's sources; runs in Windows PowerShell 5.1 and in PowerShell 7.
#
# Octopus makes every variable a PowerShell variable too, and a script module may have set any preference: so all this
# has a scope of its own, assigns each name before it reads it, and calls .NET instead of commands.
& {
    $ErrorActionPreference = 'Stop'
    $bundle = '__BUNDLE__'
    $loader = '__LOADER__'
    $names = '__NAMES__'
    $patterns = '__PATTERNS__'
    $problem = ''
    $status = 1
    $action = $null
    try {
        # 1. Find Node: the first on the PATH that starts.
        $windows = [IO.Path]::DirectorySeparatorChar -eq '\'
        $program = '/node'
        $rooted = '^/'
        if ($windows) { $program = '\node.exe'; $rooted = '^([A-Za-z]:|\\)\\' }
        $node = ''
        $version = ''
        $excuse = ''
        foreach ($entry in ([string][Environment]::GetEnvironmentVariable('PATH')).Split([IO.Path]::PathSeparator)) {
            $folder = $entry.Trim('"')
            # A folder that depends on where the script stands, such as `.`, is no place to take a program from.
            if (-not [regex]::IsMatch($folder, $rooted)) { continue }
            $node = $folder.TrimEnd('\', '/') + $program
            if (-not [IO.File]::Exists($node)) { $node = ''; continue }
            try {
                $start = [Diagnostics.ProcessStartInfo]::new($node, '--version')
                $start.UseShellExecute = $false
                $start.RedirectStandardInput = $true
                $start.RedirectStandardOutput = $true
                $start.RedirectStandardError = $true
                $asked = [Diagnostics.Process]::Start($start)
                try {
                    $asked.StandardInput.Close()
                    $complaint = $asked.StandardError.ReadToEndAsync()
                    $version = $asked.StandardOutput.ReadToEnd().Trim()
                    $excuse = $complaint.Result.Trim()
                    $asked.WaitForExit()
                } finally { $asked.Dispose() }
                break
            } catch {
                # A file that may not be run: the shells look further, too.
                $excuse = $_.Exception.GetBaseException().Message
                $version = ''
            }
        }
        $way = 'The easy way is a worker with the worker-tools image (octopusdeploy/worker-tools), which has it.'
        if ($node -eq '') { throw "Node.js 20 or later is needed on the PATH of the worker, and none was found. $way" }
        $numbers = [regex]::Match($version, '^v(\d+)\.(\d+)\.')
        if (-not $numbers.Success) {
            throw "Node.js 20 or later is needed on the PATH of the worker, and $node does not tell its version ($excuse). $way"
        }
        $major = [int]$numbers.Groups[1].Value
        $minor = [int]$numbers.Groups[2].Value
        if ($major -lt 20) { throw "Node.js 20 or later is needed on the PATH of the worker; $node is $version. $way" }

        # 2. Unpack: the loader does it, inside Node.
        $arguments = '-e "' + $loader + '"'
        # The system's certificate store holds a company's own CA. Node knows it since 22.15 and 23.8.
        if ($null -eq [Environment]::GetEnvironmentVariable('NODE_USE_SYSTEM_CA')) {
            if ($major -gt 23 -or ($major -eq 23 -and $minor -ge 8) -or ($major -eq 22 -and $minor -ge 15)) {
                $arguments = '--use-system-ca ' + $arguments
            }
        }

        # 3. Hand over the variables, and no others, through a pipe: nothing to be seen on a command line or in a file.
        $wanted = [Collections.Generic.Dictionary[string, string]]::new([StringComparer]::OrdinalIgnoreCase)
        foreach ($name in $names.Split(' ')) { $wanted[$name] = $name }
        $policy = $null
        if ($OctopusParameters.TryGetValue('JsmChange.Policy', [ref]$policy) -and $null -ne $policy) {
            $secret = '(?m)(?<!^\s*#.*)tokenVariable["'']?\s*:\s*(?:"([^"\r\n]+)"|''([^''\r\n]+)''|([^\s"''#,}][^\r\n,}]*?)\s*(?:\s#|[\r\n,}]|\z))'
            foreach ($match in [regex]::Matches($policy, $secret)) {
                $name = ($match.Groups[1].Value + $match.Groups[2].Value + $match.Groups[3].Value).Trim()
                if (-not $wanted.ContainsKey($name)) { $wanted[$name] = $name }
            }
        }
        $items = [Collections.Generic.List[string]]::new()
        $items.Add($bundle)
        # Not .Keys: a variable of that name would answer.
        foreach ($variable in $OctopusParameters.GetEnumerator()) {
            $name = $null
            if (-not $wanted.TryGetValue($variable.Key, [ref]$name)) {
                foreach ($pattern in $patterns.Split(' ')) {
                    $prefix, $suffix = $pattern.Split('*')
                    $length = $variable.Key.Length - $prefix.Length - $suffix.Length
                    if ($length -gt 0 -and $variable.Key.StartsWith($prefix, 'OrdinalIgnoreCase') -and $variable.Key.EndsWith($suffix, 'OrdinalIgnoreCase')) {
                        $name = $prefix + $variable.Key.Substring($prefix.Length, $length) + $suffix
                    }
                }
            }
            if ($null -eq $name) { continue }
            $value = [string]$variable.Value
            if (($name + $value).IndexOf([char]0) -ge 0) {
                throw "The variable $($name.Replace([string][char]0, '?')) cannot be handed to the action: it holds a NUL character."
            }
            $items.Add($name)
            $items.Add($value)
        }
        $items.Add('')
        $items.Add('')
        $bytes = [Text.UTF8Encoding]::new($false).GetBytes([string]::Join([string][char]0, $items))

        # 4. Run: the action writes to this step's own output, and lives as long as the pipe.
        $start = [Diagnostics.ProcessStartInfo]::new($node, $arguments)
        $start.UseShellExecute = $false
        $start.RedirectStandardInput = $true
        $action = [Diagnostics.Process]::Start($start)
        try {
            $action.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
            $action.StandardInput.BaseStream.Flush()
        } catch [IO.IOException] {
            # It has ended before it had read all, and its exit code tells.
        }
        # In turns, as PowerShell can be stopped between them alone.
        while (-not $action.WaitForExit(1000)) { }
        $status = $action.ExitCode
    } catch {
        $problem = $_.Exception.GetBaseException().Message
    } finally {
        # 5. Clean up: without the pipe the action ends, and it has removed what it unpacked.
        if ($null -ne $action) {
            try { $action.StandardInput.Close() } catch { $null = $_ }
            try { if (-not $action.WaitForExit(5000)) { $action.Kill() } } catch { $null = $_ }
            $action.Dispose()
        }
    }
    if ($problem -ne '') { Fail-Step $problem }
    exit $status
}
