/** Runs a script body as Octopus would, in PowerShell's own console host, on Linux and for Windows. */
import { spawn } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  linuxHost,
  missingForLinux,
  missingForWindows,
  prepareLinux,
  prepareWindows,
  pretendedWindowsNode,
  type WindowsNode,
  windowsHost,
  windowsNode,
  windowsPath,
  wine,
  wineEnvironment,
  wineTemporary,
} from './toolchain.ts';

/**
 * A program called `node`. `installed`: a good Node. `unstartable`: a file that cannot be started. `script`:
 * `node.cmd`. `hangs`: never answers. `shim` (on Linux): a good Node behind a script that warns and reads its
 * input if its version is requested. `says`: always prints this text; `complains`: prints it on stderr.
 * `echoes`: prints this version, or repeats each part of its input, followed by each word that an action
 * says.
 */
type PathNode =
  | 'installed'
  | 'unstartable'
  | 'script'
  | 'hangs'
  | 'shim'
  | { readonly says: string }
  | { readonly complains: string }
  | { readonly echoes: string };

/** The input of a step that Octopus would have the worker run. */
export interface Step {
  readonly body: string;
  /** Octopus variables; Octopus turns some empty values into null. */
  readonly variables?: Readonly<Record<string, string | null>>;
  /** `octopus`: as Octopus' strict mode setting does it. `latest`: as strict as PowerShell can be. */
  readonly strict?: 'off' | 'octopus' | 'latest';
  /** PowerShell code that runs before the body, like a script module. */
  readonly scriptModule?: string;
  /** The programs called `node` on the PATH, in order; a good Node by default. */
  readonly nodes?: readonly PathNode[];
  /** More environment variables of the worker. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface StepEnd {
  /** The exit code; -1 if the step was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The names that remain in the folder for temporary files. */
  readonly left: readonly string[];
  /** Whether the step's environment is the same after the body as before. */
  readonly environmentKept: boolean;
  /** Whether the engine started the step. */
  readonly begun: boolean;
}

interface RunningStep {
  readonly ended: Promise<StepEnd>;
  /** The step's own folder: its path here, and its path for the step. */
  readonly folder: string;
  inStep(path: string): string;
  /** The names that are in the folder for temporary files now. */
  left(): readonly string[];
  /** Folders in which the step could leave files. */
  readonly watched: readonly string[];
  /** Kills only the launcher, as if the agent had died; or sends it another signal. */
  kill(signal?: NodeJS.Signals): void;
}

export interface Engine {
  readonly name: string;
  readonly windows: boolean;
  /** Whether all cases run on it; on the others, only the cases in which they may differ. */
  readonly thorough: boolean;
  /** What is missing to use it, as text. */
  readonly missing: string | undefined;
  prepare(): Promise<void>;
  start(step: Step): RunningStep;
}

const bootstrap = fileURLToPath(new URL('octopus-bootstrap.ps1', import.meta.url));

const inspector = fileURLToPath(new URL('inspect-script.ps1', import.meta.url));

/** The engines to run a case on, the fastest first. */
export const engines: readonly [Engine, ...Engine[]] = [
  {
    name: 'PowerShell 7 on Linux',
    windows: false,
    thorough: true,
    missing: missingForLinux(),
    prepare: prepareLinux,
    start: startOnLinux,
  },
  ...([20, 22] as const).map((major) => ({
    name: `PowerShell 7 for Windows under Wine with Windows' Node ${major}`,
    windows: true,
    thorough: major === 20,
    missing: missingForWindows(),
    prepare: prepareWindows,
    start: (step: Step) => startOnWindows(major, step),
  })),
];

/**
 * Runs a step to its end. On a busy machine Wine sometimes fails to start a program; nothing of the step has
 * run then, and it runs again.
 */
export async function run(engine: Engine, step: Step): Promise<StepEnd> {
  const end = await engine.start(step).ended;
  return engine.windows && !end.begun ? engine.start(step).ended : end;
}

/** Lists the parts of a script, one per line: see `inspect-script.ps1`. */
export async function inspect(script: string): Promise<readonly string[]> {
  const path = fileIn(newFolder(), 'Script.ps1', script);
  const stdout = await runCommand(engines[0], `. '${inspector}' -Path '${path}'`);
  return stdout.split('\n').filter((line) => line !== '');
}

/** Runs a script that is not a step. Rejects if the script fails. */
export async function runCommand(engine: Engine, script: string): Promise<string> {
  const folder = newFolder();
  const { output, errors, ended } = launch(engine.windows, ['-Command', script], folder, {
    ...(engine.windows ? wineEnvironment() : process.env),
    ...quiet,
  });
  const code = await ended;
  if (code !== 0) throw new Error(`PowerShell ended with ${code}: ${output()}${errors()}`);
  return output();
}

/** The console host would otherwise colour errors, warnings and traces, and call home. */
const quiet = { NO_COLOR: '1', POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off' };

function startOnLinux(step: Step): RunningStep {
  const folder = newFolder();
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  const path = (step.nodes ?? ['installed']).map((node, index) => linuxNode(node, join(folder, `${index}`)));
  return start(step, {
    windows: false,
    folder,
    environment: {
      HOME: folder,
      TMPDIR: temporary,
      PATH: [join(folder, 'empty'), ...path].join(':'),
      DOTNET_EnableDiagnostics: '0',
      ...step.environment,
    },
    inStep: (path) => path,
    // PowerShell keeps its own pipe there.
    left: () => readdirSync(temporary).filter((name) => !name.startsWith('CoreFxPipe_')),
    watched: [folder],
  });
}

function startOnWindows(major: WindowsNode, step: Step): RunningStep {
  const folder = newFolder();
  const path = (step.nodes ?? ['installed']).map((node, index) => {
    return node === 'installed' ? windowsNode(major) : pretendedNode(node, join(folder, `${index}`));
  });
  const ours = () => readdirSync(wineTemporary).filter((name) => name.startsWith('jsm-change-gate-'));
  return start(step, {
    windows: true,
    folder,
    environment: {
      ...wineEnvironment(),
      WINEPATH: path.map(windowsPath).join(';'),
      ...step.environment,
    },
    inStep: windowsPath,
    left: ours,
    watched: [folder, wineTemporary],
  });
}

/** Creates a program called `node`; returns its folder. */
function linuxNode(node: PathNode, folder: string): string {
  if (node === 'installed') return dirname(process.execPath);
  mkdirSync(folder);
  const script = (text: string) => chmodSync(fileIn(folder, 'node', `#!/bin/bash\n${text}\n`), 0o755);
  if (node === 'unstartable') fileIn(folder, 'node', 'not a program');
  else if (node === 'script') fileIn(folder, 'node.cmd', 'not a program');
  else if (node === 'hangs') script('exec /bin/sleep 60');
  else if (node === 'shim') {
    const warn = "echo 'shim: a warning' >&2; read -r line";
    script(`if [[ $1 == --version ]]; then ${warn}; fi\nexec '${process.execPath}' "$@"`);
  } else if ('says' in node) script(`echo '${node.says}'`);
  else if ('complains' in node) script(`echo '${node.complains}' >&2`);
  else {
    script(`if [[ $1 == --version ]]; then echo '${node.echoes}'; exit; fi
while IFS= read -r -d '' item && [[ -n $item ]]; do printf '%s begun\\n%s allowed\\n' "$item" "$item" >&2; done`);
  }
  return folder;
}

/** Creates a `node.exe` or `node.cmd` that is not Node; returns its folder. */
function pretendedNode(node: Exclude<PathNode, 'installed'>, folder: string): string {
  mkdirSync(folder);
  if (node === 'unstartable' || node === 'script') {
    fileIn(folder, node === 'script' ? 'node.cmd' : 'node.exe', 'not a program');
    return folder;
  }
  if (node === 'shim') throw new Error('The shim is a script, which Windows does not start as node.exe.');
  const does = node === 'hangs' ? node : Object.entries(node).flat().join(' ');
  symlinkSync(pretendedWindowsNode, join(folder, does));
  return join(folder, does);
}

interface Start {
  readonly windows: boolean;
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
  const key = randomBytes(16);
  const variables = fileIn(folder, 'Variables', encrypted(inBase64(step.variables ?? {}), key));
  const command = octopusCommand(step, {
    bootstrap: inStep(bootstrap),
    body: inStep(body),
    scriptModule: scriptModule === undefined ? '' : inStep(scriptModule),
    variables: inStep(variables),
    key: key.toString('base64'),
  });
  const options = ['-NoLogo', '-NonInteractive', '-ExecutionPolicy', 'Unrestricted', '-Command', command];
  const launched = launch(how.windows, options, folder, { ...quiet, ...how.environment });
  return {
    folder,
    inStep,
    watched: how.watched,
    left: how.left,
    kill: launched.kill,
    ended: launched.ended.then((code) => {
      const written = launched.output();
      const said = written.replace(/^step begins\n/, '');
      const stdout = said.replace(/^environment kept\n/m, '');
      return {
        code,
        stdout,
        stderr: launched.errors(),
        left: how.left(),
        environmentKept: said !== stdout,
        begun: said !== written,
      };
    }),
  };
}

interface Launched {
  /** The exit code; -1 if the process was killed. */
  readonly ended: Promise<number>;
  output(): string;
  errors(): string;
  kill(signal?: NodeJS.Signals): void;
}

/**
 * Starts PowerShell. Its output goes to files, since Windows' Node cannot open a pipe of this machine as its
 * output.
 */
function launch(
  windows: boolean,
  options: readonly string[],
  folder: string,
  env: Readonly<NodeJS.ProcessEnv>,
): Launched {
  const [stdout, stderr] = [openSync(join(folder, 'stdout'), 'w'), openSync(join(folder, 'stderr'), 'w')];
  const child = windows
    ? // Without a console the program ends immediately without running anything: `script` gives it a terminal.
      spawn('script', ['-qec', inTerminal([wine, windowsHost, ...options]), '/dev/null'], {
        cwd: folder,
        env: { ...env, PATH: process.env['PATH'], SHELL: '/bin/sh' },
        stdio: ['ignore', 'ignore', 'ignore', stdout, stderr],
      })
    : spawn(found('dotnet'), [linuxHost(), ...options], {
        cwd: folder,
        env,
        stdio: ['ignore', stdout, stderr],
      });
  closeSync(stdout);
  closeSync(stderr);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n');
  return {
    output: () => read('stdout'),
    // Lines that come from Wine.
    errors: () => read('stderr').replace(/^wine: .*\n/gm, ''),
    kill: (signal = 'SIGKILL') => {
      process.kill(windows ? Number(read('pid')) : (child.pid ?? Number.NaN), signal);
    },
    ended: new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      // `script` exits with 128 plus the signal's number.
      child.on('exit', (code) => resolve(code === null || (windows && code === 137) ? -1 : code));
    }),
  };
}

/**
 * A command line for `script`: the program keeps the terminal only as its input, and writes to the files 3
 * and 4.
 */
function inTerminal(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  return `echo $$ >pid; exec ${quoted.join(' ')} >&3 2>&4`;
}

/** The paths for the bootstrap, and the key of the variables. */
interface BootstrapInput {
  readonly bootstrap: string;
  readonly body: string;
  /** Empty if there is none. */
  readonly scriptModule: string;
  readonly variables: string;
  readonly key: string;
}

/** What Octopus' agent passes as `-Command`, plus a comparison of the environment before and after. */
function octopusCommand(step: Step, input: BootstrapInput): string {
  const environment =
    "[string]::Join(';', [string[]]@(foreach ($entry in [Environment]::GetEnvironmentVariables().GetEnumerator()) { $entry.Key + '=' + $entry.Value }))";
  return [
    "[Console]::Out.WriteLine('step begins')",
    `$environmentBefore = ${environment}`,
    `Set-PSDebug -Trace 0${step.strict === 'octopus' ? ' -Strict' : ''}`,
    ...(step.strict === 'latest' ? ['Set-StrictMode -Version Latest'] : []),
    'Try { . {',
    `. '${input.bootstrap}' -OctopusKey '${input.key}' -OctopusStandInVariables '${input.variables}' -OctopusStandInBody '${input.body}' -OctopusStandInModule '${input.scriptModule}'`,
    `if ($environmentBefore -ceq (${environment})) { [Console]::Out.WriteLine('environment kept') }`,
    'exit $LastExitCode',
    '} } catch { throw }',
  ].join('\n');
}

/**
 * The variables as Octopus passes them: the initialisation vector, then AES-CBC; the key is on the command
 * line.
 */
function encrypted(text: string, key: Buffer): Buffer {
  const vector = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', key, vector);
  return Buffer.concat([vector, cipher.update(text), cipher.final()]);
}

function inBase64(variables: Readonly<Record<string, string | null>>): string {
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  return Object.entries(variables)
    .map(([name, value]) => `${encoded(name)}${value === null ? '' : ` ${encoded(value)}`}\n`)
    .join('');
}

const folders: string[] = [];

/** Removes the steps' own folders. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'powershell-step-'));
  folders.push(folder);
  return folder;
}

function fileIn(folder: string, name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
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
