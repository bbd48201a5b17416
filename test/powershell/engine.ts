/** Runs a script body as Octopus would, on each PowerShell engine that can be had. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  linuxHost,
  missingForLinux,
  missingForWindows,
  prepareLinux,
  prepareWindows,
  pretendedWindowsNode,
  realPowerShell,
  type WindowsNode,
  windowsHost,
  windowsNode,
  windowsPath,
  wine,
  wineEnvironment,
  wineTemporary,
} from './toolchain.ts';

/** What Octopus would have the worker run. */
export interface Step {
  readonly body: string;
  /** Octopus variables; null is what Octopus makes of some blank ones. */
  readonly variables?: Readonly<Record<string, string | null>>;
  /** `octopus`: as its setting for strict mode does it. `latest`: as strict as PowerShell can be. */
  readonly strict?: 'off' | 'octopus' | 'latest';
  /** PowerShell that runs before the body, as a script module does. */
  readonly scriptModule?: string;
  /**
   * What `node` on the PATH is. `installed`: a good one. `second`: a good one, behind a file of that name that cannot be
   * started. A text: something that answers this to `--version`.
   */
  readonly node?: 'installed' | 'second' | 'none' | { readonly says: string };
  /** Further environment variables of the worker. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface StepEnd {
  /** The exit code; -1 where the step was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What is left in the folder for temporary files. */
  readonly left: readonly string[];
  /** The step's environment is after the body what it was before. */
  readonly environmentKept: boolean;
  /** The engine has come so far as to begin with the step. */
  readonly begun: boolean;
}

export interface RunningStep {
  readonly ended: Promise<StepEnd>;
  /** A folder of this step's own: its path here, and how the step calls it. */
  readonly folder: string;
  inStep(path: string): string;
  /** What is in the folder for temporary files now. */
  left(): readonly string[];
  /** Folders in which the step may have left files. */
  readonly watched: readonly string[];
  /** Kills the launcher alone, as an agent that dies does; or sends it another signal. */
  kill(signal?: NodeJS.Signals): void;
}

export interface Engine {
  readonly name: string;
  readonly windows: boolean;
  /** All cases run on it; on the others those alone in which it may differ. */
  readonly thorough: boolean;
  /** What is missing to use it, in words. */
  readonly missing: string | undefined;
  /** How a failed step ends: what `exit -1` comes to. */
  readonly failed: number;
  prepare(): Promise<void>;
  start(step: Step): RunningStep;
}

const bootstrap = fileURLToPath(new URL('octopus-bootstrap.ps1', import.meta.url));

const inspector = fileURLToPath(new URL('inspect-script.ps1', import.meta.url));

/** The engines to run a case on; the first is the quickest. */
export const engines: readonly [Engine, ...Engine[]] = [
  {
    name: 'PowerShell 7 on Linux',
    windows: false,
    thorough: true,
    missing: missingForLinux(),
    failed: 255,
    prepare: prepareLinux,
    start: (step) => startOnLinux(['dotnet', linuxHost], step),
  },
  ...([20, 22] as const).map((major) => ({
    name: `PowerShell 7 on Windows' .NET with Windows' Node ${major}`,
    windows: true,
    thorough: major === 20,
    missing: missingForWindows(),
    failed: 255,
    prepare: prepareWindows,
    start: (step: Step) => startOnWindows(major, step),
  })),
  ...[realPowerShell()]
    .filter((program) => program !== undefined)
    .map((program) => ({
      name: 'pwsh of this machine',
      windows: false,
      thorough: true,
      missing: undefined,
      failed: 255,
      prepare: async () => undefined,
      start: (step: Step) => startOnLinux([program], step),
    })),
];

/** Runs a step to its end. Now and then Wine does not start a program on a busy machine: then nothing of the step has run. */
export async function run(engine: Engine, step: Step): Promise<StepEnd> {
  const end = await engine.start(step).ended;
  return engine.windows && !end.begun ? engine.start(step).ended : end;
}

/** Lists what a script is made of, a line each: see `inspect-script.ps1`. */
export async function inspect(script: string): Promise<readonly string[]> {
  const path = fileIn(newFolder(), 'Script.ps1', script);
  const stdout = await runCommand(engines[0], `. '${inspector}' -Path '${path}'`);
  return stdout.split('\n').filter((line) => line !== '');
}

/** Runs a script that is no step. Rejects when it fails. */
export async function runCommand(engine: Engine, script: string): Promise<string> {
  const [program, host] = engine.windows ? [wine, windowsHost] : ['dotnet', linuxHost];
  const env = engine.windows ? wineEnvironment() : process.env;
  const { stdout } = await promisify(execFile)(program, [host, '-Command', script], { env });
  return stdout;
}

function startOnLinux([program, ...before]: readonly [string, ...string[]], step: Step): RunningStep {
  const folder = newFolder();
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  const node = step.node ?? 'installed';
  const path: string[] = [];
  if (node === 'second') path.push(fileNamed(folder, 'node', 'no program', 0o644));
  if (typeof node === 'object')
    path.push(fileNamed(folder, 'node', `#!/bin/sh\necho '${node.says}'\n`, 0o755));
  if (node === 'installed' || node === 'second') path.push(dirname(process.execPath));
  return start(step, {
    program: found(program),
    before,
    folder,
    environment: {
      HOME: folder,
      TMPDIR: temporary,
      PATH: [join(folder, 'empty'), ...path].join(':'),
      DOTNET_EnableDiagnostics: '0',
      ...step.environment,
    },
    inStep: (path) => path,
    // PowerShell keeps a pipe of its own there.
    left: () => readdirSync(temporary).filter((name) => !name.startsWith('CoreFxPipe_')),
    watched: [folder],
  });
}

function startOnWindows(major: WindowsNode, step: Step): RunningStep {
  const folder = newFolder();
  const node = step.node ?? 'installed';
  const path: string[] = [];
  if (node === 'second') path.push(fileNamed(folder, 'node.exe', 'no program', 0o644));
  if (typeof node === 'object') path.push(pretendedWindowsNode);
  if (node === 'installed' || node === 'second') path.push(windowsNode(major));
  const ours = () => readdirSync(wineTemporary).filter((name) => name.startsWith('jsm-change-gate-'));
  return start(step, {
    program: wine,
    before: [windowsHost],
    folder,
    environment: {
      ...wineEnvironment(),
      WINEPATH: path.map(windowsPath).join(';'),
      ...(typeof node === 'object' && { PRETENDED_NODE_VERSION: node.says }),
      ...step.environment,
    },
    inStep: windowsPath,
    left: ours,
    watched: [folder, wineTemporary],
  });
}

interface Start {
  readonly program: string;
  readonly before: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly watched: readonly string[];
  inStep(path: string): string;
  left(): readonly string[];
}

function start(step: Step, how: Start): RunningStep {
  const { folder, inStep } = how;
  // Octopus writes the body with a byte order mark.
  const body = fileIn(folder, 'Script.ps1', `\uFEFF${step.body}`);
  const scriptModule = step.scriptModule && fileIn(folder, 'Module.ps1', `\uFEFF${step.scriptModule}`);
  const command = octopusCommand(step, inStep(bootstrap), inStep(body), scriptModule && inStep(scriptModule));
  // Files and not pipes: Windows' Node cannot open a pipe of this machine as its output.
  const [stdout, stderr] = [openSync(join(folder, 'stdout'), 'w'), openSync(join(folder, 'stderr'), 'w')];
  const options = ['-NoLogo', '-NonInteractive', '-ExecutionPolicy', 'Unrestricted', '-Command', command];
  const child = spawn(how.program, [...how.before, ...options], {
    cwd: folder,
    env: how.environment,
    stdio: ['pipe', stdout, stderr],
  });
  closeSync(stdout);
  closeSync(stderr);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(inBase64(step.variables ?? {}));
  return {
    folder,
    inStep,
    watched: how.watched,
    left: how.left,
    kill: (signal = 'SIGKILL') => child.kill(signal),
    ended: ended(child, how),
  };
}

/** What Octopus' agent passes as `-Command`, with a look at the environment before and after. */
function octopusCommand(step: Step, start: string, body: string, scriptModule = ''): string {
  const environment =
    "[string]::Join(';', [string[]]@(foreach ($entry in [Environment]::GetEnvironmentVariables().GetEnumerator()) { $entry.Key + '=' + $entry.Value }))";
  return [
    "[Console]::Out.WriteLine('step begins')",
    `$environmentBefore = ${environment}`,
    `Set-PSDebug -Trace 0${step.strict === 'octopus' ? ' -Strict' : ''}`,
    ...(step.strict === 'latest' ? ['Set-StrictMode -Version Latest'] : []),
    'Try { . {',
    `. '${start}' -OctopusStandInBody '${body}' -OctopusStandInModule '${scriptModule}'`,
    `if ($environmentBefore -ceq (${environment})) { [Console]::Out.WriteLine('environment kept') }`,
    'exit $LastExitCode',
    '} } catch { throw }',
  ].join('\n');
}

async function ended(child: ChildProcess, how: Start): Promise<StepEnd> {
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (exitCode) => resolve(exitCode ?? -1));
  });
  const read = (name: string) => readFileSync(join(how.folder, name), 'utf8').replaceAll('\r\n', '\n');
  const written = read('stdout');
  const said = written.replace(/^step begins\n/, '');
  const stdout = said.replace(/^environment kept\n/m, '');
  return {
    code,
    stdout,
    // Wine speaks for itself.
    stderr: read('stderr').replace(/^wine: .*\n/gm, ''),
    left: how.left(),
    environmentKept: said !== stdout,
    begun: said !== written,
  };
}

function inBase64(variables: Readonly<Record<string, string | null>>): string {
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  return Object.entries(variables)
    .map(([name, value]) => `${encoded(name)}${value === null ? '' : ` ${encoded(value)}`}\n`)
    .join('');
}

const folders: string[] = [];

/** Removes what the steps have left in folders of their own. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'powershell-step-'));
  folders.push(folder);
  return folder;
}

function fileIn(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A folder with one file of that name. */
function fileNamed(parent: string, name: string, text: string, mode: number): string {
  const folder = join(parent, 'programs');
  mkdirSync(folder);
  chmodSync(fileIn(folder, name, text), mode);
  return folder;
}

function found(program: string): string {
  const folders = (process.env['PATH'] ?? '').split(':');
  for (const folder of folders) {
    try {
      if (readdirSync(folder).includes(program)) return join(folder, program);
    } catch {
      // A folder on the PATH that does not exist.
    }
  }
  return program;
}
