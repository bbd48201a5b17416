/**
 * `npm run smoke`: runs the PowerShell body of the step template for a gated deployment, with a PowerShell of
 * this machine.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTaskLog } from '../test/black-box/task-log.ts';
import { deploymentTitle, deploymentVariables } from '../test/sandbox/octopus-variables.ts';
import { startSandbox } from '../test/sandbox/server.ts';
import { runCommand, UsageError } from './command.ts';

const usage = `Usage: npm run smoke -- PROGRAM

Runs the script body of step-template.powershell.json in PROGRAM (powershell, pwsh, or a path to either) against the
stand-in for JSM: the deployment must proceed if its change request is approved, and stop if it is declined.

Exit code 0: both ended as expected; 1: at least one did not; 2: wrong usage.`;

const expected = { Implementing: 0, Declined: 1 } as const;

await runCommand({ usage, mostArguments: 1 }, async ({ positionals: [program] }) => {
  if (program === undefined || program.trim() === '') throw new UsageError('PROGRAM is missing');
  const template = new URL('../step-template.powershell.json', import.meta.url);
  const body: string = JSON.parse(await readFile(template, 'utf8')).Properties[
    'Octopus.Action.Script.ScriptBody'
  ];
  let failed = 0;
  for (const [status, wanted] of Object.entries(expected)) {
    const { exitCode, stdout, stderr } = await runBody(program, body, status);
    const lines = readTaskLog(stdout).lines.map(({ text }) => text);
    const isGood = exitCode === wanted && stderr === '';
    if (!isGood) failed += 1;
    console.log(`${isGood ? 'ok    ' : 'failed'} ${status}: exit code ${exitCode}, expected ${wanted}`);
    console.log([...lines, ...stderr.split('\n')].map((line) => `       ${line}`.trimEnd()).join('\n'));
  }
  return failed === 0 ? 0 : 1;
});

async function runBody(program: string, body: string, status: string) {
  const folder = await mkdtemp(join(tmpdir(), 'smoke-'));
  const sandbox = await startSandbox();
  try {
    const { key } = sandbox.site.createRequest({ summary: deploymentTitle, status });
    const supplied = { 'Octopus.JiraServiceManagement.ChangeRequest.Number': key };
    const variables = Object.entries(deploymentVariables(sandbox, supplied));
    const script = join(folder, 'Script.ps1');
    // Like Octopus, with a byte order mark, so that Windows PowerShell reads UTF-8.
    await writeFile(script, `\uFEFF${body}`);
    const start = join(folder, 'Start.ps1');
    await writeFile(start, `\uFEFF${bootstrap(variables, script)}`);
    return await run(program, [
      '-NoLogo',
      '-NonInteractive',
      '-ExecutionPolicy',
      'Unrestricted',
      '-File',
      start,
    ]);
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Does what Octopus does before it runs a body: puts the variables in a dictionary, then runs the body in the
 * same scope.
 */
function bootstrap(variables: readonly (readonly [string, string])[], script: string): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  return [
    "$ErrorActionPreference = 'Stop'",
    "$OctopusParameters = New-Object 'Collections.Generic.Dictionary[string,string]' ([StringComparer]::OrdinalIgnoreCase)",
    ...variables.map(([name, value]) => `$OctopusParameters[${quoted(name)}] = ${quoted(value)}`),
    `. ${quoted(script)}`,
    'exit $LASTEXITCODE',
  ].join('\r\n');
}

function run(program: string, args: readonly string[]) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) =>
      resolve({ exitCode, stdout: stdout.replaceAll('\r\n', '\n'), stderr: stderr.trim() }),
    );
  });
}
