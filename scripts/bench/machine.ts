import { spawnSync } from 'node:child_process';
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { engines, runCommand } from '../../test/powershell/engine.ts';

/**
 * Describes the machine and the software of the measurement, as lines of a Markdown list that do not identify
 * the machine.
 */
export async function machineLines(): Promise<readonly string[]> {
  const [{ model } = { model: 'unknown' }] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return [
    `- ${availableParallelism()} cores (${model.trim()}, ${arch()}), ${memory} GB, ${type()} ${release()}`,
    `- Node ${process.versions.node} (V8 ${process.versions.v8})`,
    `- ${bashVersion()}`,
    `- ${await powershellVersion()}`,
  ];
}

/** The load of the machine: the processes that run or want to run, averaged over the last minute. */
export function load(): string {
  return (loadavg()[0] ?? Number.NaN).toFixed(1);
}

function bashVersion(): string {
  const { stdout } = spawnSync('bash', ['-c', 'echo "$BASH_VERSION"'], { encoding: 'utf8' });
  return stdout ? `Bash ${stdout.trim()}` : 'no Bash';
}

async function powershellVersion(): Promise<string> {
  const [engine] = engines;
  if (engine.missing !== undefined) return `no PowerShell: ${engine.missing}`;
  await engine.prepare();
  const shown = await runCommand(engine, "[Console]::Out.WriteLine($PSVersionTable['PSVersion'].ToString())");
  return `PowerShell ${shown.trim()}; .NET ${dotnetVersion()}`;
}

function dotnetVersion(): string {
  return spawnSync('dotnet', ['--version'], { encoding: 'utf8' }).stdout.trim();
}
