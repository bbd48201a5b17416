# Stands where Octopus' own bootstrap stands: the helper functions, the variables, then the body, dot-sourced.
#
# The variables come in a file, encrypted as Octopus does it: a line each, the name and the value in base64 of UTF-8 with
# a space between them, or only the name if the value is null.
param([string]$OctopusKey, [string]$OctopusStandInVariables, [string]$OctopusStandInBody, [string]$OctopusStandInModule)

$ErrorActionPreference = 'Stop'
$PSNativeCommandArgumentPassing = 'Legacy'

function ConvertTo-OctopusBase64([string]$text) {
    return [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($text))
}

function ConvertFrom-OctopusBase64([string]$text) {
    return [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($text))
}

function Write-OctopusMessage([string]$name, [string]$attributes) {
    Write-Host "##octopus[$name$attributes]"
}

function Fail-Step([string]$message) {
    if ($message) { Write-OctopusMessage 'resultMessage' " message='$(ConvertTo-OctopusBase64 $message)'" }
    exit -1
}

function Set-OctopusVariable([string]$name, [string]$value, [switch]$sensitive) {
    Write-OctopusMessage 'setVariable' " name='$(ConvertTo-OctopusBase64 $name)' value='$(ConvertTo-OctopusBase64 $value)'"
}

function Write-OctopusLevel([string]$level, [string]$message) {
    Write-OctopusMessage "stdout-$level"
    Write-Host $message
    Write-OctopusMessage 'stdout-default'
}

function Write-Highlight([string]$message) { Write-OctopusLevel 'highlight' $message }
function Write-Wait([string]$message) { Write-OctopusLevel 'wait' $message }
function Write-Warning([string]$message) { Write-OctopusLevel 'warning' $message }
function Write-Verbose([string]$message) { Write-OctopusLevel 'verbose' $message }

function Update-Progress([int]$percentage, [string]$message) {
    Write-OctopusMessage 'progress' " percentage='$(ConvertTo-OctopusBase64 $percentage)' message='$(ConvertTo-OctopusBase64 $message)'"
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
