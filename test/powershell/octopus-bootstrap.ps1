# Takes the place of Octopus' own bootstrap: the variables, then the body, dot-sourced. The helper functions are left
# out, as the body calls none of them.
#
# The variables come in a file, encrypted as Octopus does it: a line each, the name and the value in base64 of UTF-8 with
# a space between them, or only the name if the value is null.
param([string]$OctopusKey, [string]$OctopusStandInVariables, [string]$OctopusStandInBody, [string]$OctopusStandInModule)

$ErrorActionPreference = 'Stop'
$PSNativeCommandArgumentPassing = 'Legacy'

function ConvertFrom-OctopusBase64([string]$text) {
    return [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text))
}

$OctopusParameters = [Collections.Generic.Dictionary[string, string]]::new([StringComparer]::OrdinalIgnoreCase)
& {
    $encrypted = [IO.File]::ReadAllBytes($OctopusStandInVariables)
    $aes = [Security.Cryptography.Aes]::Create()
    $decryptor = $aes.CreateDecryptor([Convert]::FromBase64String($OctopusKey), [byte[]]($encrypted[0..15]))
    $lines = [Text.Encoding]::UTF8.GetString($decryptor.TransformFinalBlock($encrypted, 16, $encrypted.Length - 16))
    foreach ($line in $lines.Split([char]10)) {
        if ($line -eq '') { continue }
        $name, $value = $line.Split(' ')
        $OctopusParameters[(ConvertFrom-OctopusBase64 $name)] =
            if ($null -eq $value) { [NullString]::Value } else { ConvertFrom-OctopusBase64 $value }
    }
}

# A variable `Jsm.Token` is `$JsmToken` to a script. A name that PowerShell keeps for itself stays what it was.
foreach ($OctopusStandInVariable in $OctopusParameters.GetEnumerator()) {
    try {
        $ExecutionContext.SessionState.PSVariable.Set(
            ($OctopusStandInVariable.Key -replace '[^a-zA-Z0-9]', ''), $OctopusStandInVariable.Value)
    } catch { $null = $_ }
}

if ($OctopusStandInModule) { . $OctopusStandInModule }
. $OctopusStandInBody
