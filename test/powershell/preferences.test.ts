import { expect, it } from 'vitest';
import { bodyAround, sourceOf } from './body.ts';
import { failure, onEach, seenBy, thoroughEngines, told } from './cases.ts';
import { run } from './engine.ts';

/** Names that have a meaning in PowerShell, dictionaries or Windows. */
const awkwardNames = [
  ...['Keys', 'Values', 'Count', 'Item', 'Comparer', 'Key', 'Value', 'Entry'],
  ...[
    'Path',
    'Env',
    'Env:Path',
    'Home',
    'Host',
    'Input',
    'Args',
    'Error',
    'Matches',
    'This',
    'PSItem',
    'PID',
  ],
  ...['LastExitCode', 'ErrorActionPreference', 'OFS', 'Node', 'Bundle', 'Code', 'True', 'False'],
];

/** The names that the body assigns and the awkward ones, plus one that the action reads. */
const awkward: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [...sourceOf('powershell.ps1').matchAll(/\$(\w+)/g)]
      .map(([, name]) => name ?? '')
      .concat(awkwardNames)
      .filter((name) => !/^(octopusparameters|null|_)$/i.test(name))
      .map((name) => [name, 'x']),
  ),
  'Octopus.Project.Name': 'Web',
};

const scriptModule = `
$ErrorActionPreference = 'SilentlyContinue'
$WarningPreference = 'Stop'
$VerbosePreference = 'Continue'
$DebugPreference = 'Continue'
$ProgressPreference = 'Stop'
$ConfirmPreference = 'Low'
$WhatIfPreference = $true
$PSModuleAutoLoadingPreference = 'None'
$PSNativeCommandUseErrorActionPreference = $true
$OFS = '-'
$global:LASTEXITCODE = 5
[int]$code = 3
[ValidateSet('a', 'b')]$node = 'a'
Set-StrictMode -Version Latest
Set-PSDebug -Trace 2
function node { throw 'not this one' }
function Set-PSDebug { throw 'not this one' }
function Write-Host { throw 'not this one' }
function Fail-Step { 'not this one' }
`;

/** Settings of a script module for everything after it, which would harm a step that relies on the defaults. */
const everywhere: readonly [string, string][] = [
  [
    'mute',
    "$global:InformationPreference = 'Ignore'; $global:PSDefaultParameterValues = @{ '*:InformationAction' = 'Ignore' }",
  ],
  [
    'stop',
    "$global:InformationPreference = 'Stop'; $global:PSDefaultParameterValues = @{ 'Write-Host:NoNewline' = $true; 'Set-PSDebug:Step' = $true }",
  ],
  [
    'ask',
    "$global:InformationPreference = 'Inquire'; $global:PSDefaultParameterValues = @{ '*:ErrorAction' = 'Ignore'; 'Set-PSDebug:Trace' = 2 }",
  ],
];

const variables = { 'Octopus.Project.Name': 'Web', 'JsmChange.Token': 'secret-token' };

onEach(thoroughEngines, (engine) => {
  const printing = bodyAround('print-environment.cjs');

  it.each(engine.windows ? (['latest'] as const) : (['octopus', 'latest'] as const))(
    '[B7] works in strict mode (%s), with any variable names',
    async (strict) => {
      const end = await run(engine, { body: printing, variables: awkward, strict });
      expect(seenBy(end).variables).toEqual({ 'Octopus.Project.Name': 'Web' });
      expect(end).toMatchObject({ code: 0, left: [], environmentKept: true });
    },
  );

  it('[B7] [X3] works with any settings of a script module, and shows no value in a trace', async () => {
    const end = await run(engine, { body: printing, variables, scriptModule });
    // The trace that the module turns on shows the lines up to the one that turns it off.
    const lines = end.stdout.split('\n').filter((line) => line !== '' && !line.startsWith('DEBUG: '));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '').variables).toEqual(variables);
    expect(end.stdout.match(/secret-token/g)).toHaveLength(1);
    expect(end).toMatchObject({ code: 0, stderr: '', left: [] });
  });

  it.each(everywhere.slice(engine.windows ? 1 : 0, 2))(
    '[B7] shows why it fails, line by line, with any global settings of a script module (%s)',
    async (_, settings) => {
      const body = bodyAround("process.stderr.write('one\\ntwo\\n'); process.exitCode = 7;");
      const end = await run(engine, { body, variables, scriptModule: settings });
      expect(failure(end, 'Unexpected')).toMatch(/^The action ended unexpectedly \(exit code 7\)/);
      expect(told(end).warnings).toEqual(['one', 'two']);
    },
  );

  if (!engine.windows)
    it.each(everywhere.slice(1))('[B7] does not fail a good run (%s)', async (_, settings) => {
      const end = await run(engine, { body: printing, variables, scriptModule: settings });
      expect(seenBy(end).variables).toEqual(variables);
      expect(end).toMatchObject({ code: 0, left: [], environmentKept: true });
    });
});
