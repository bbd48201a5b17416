import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { pack } from '../../scripts/packing.ts';
import { scriptBody } from '../../scripts/script-body.ts';
import { octopusVariablesScript } from './octopus-variables.ts';

const bootstrap = fileURLToPath(new URL('octopus-bootstrap.sh', import.meta.url));

export type OctopusVariables = Readonly<Record<string, string>>;

interface StepOptions {
  readonly variables?: OctopusVariables;
  /** What `octopus-bootstrap.sh` is told, such as `array` or `nounset`. */
  readonly options?: string;
  /** What a script module of the project does before the body runs. */
  readonly module?: string;
  /** Entries of the worker's environment; undefined takes one away. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The script body; the launcher around the action that echoes what reaches it, unless given. */
  readonly body?: string;
  readonly bash?: string;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A step that runs in Bash as Octopus would run it, in a temporary folder of its own. */
interface BashStep {
  readonly process: ChildProcess;
  /** The worker's folder for temporary files: what the step leaves there is what it forgot. */
  readonly temporary: string;
  readonly ended: Promise<Ended>;
  /** Resolves with what was printed so far as soon as it holds the text; rejects when the step ends before. */
  printed(text: string): Promise<string>;
}

/** The launcher around another action than the project's own. */
export function bodyAround(action: string): string {
  return scriptBody({ shell: 'bash', source: sourceText('bash.sh') }, pack(action), sourceText('loader.cjs'));
}

const echoBody = bodyAround(readFileSync(new URL('fixtures/echo-action.cjs', import.meta.url), 'utf8'));

export function startStep(options: StepOptions = {}): BashStep {
  const home = mkdtempSync(join(tmpdir(), 'step-'));
  const temporary = mkdtempSync(join(tmpdir(), 'worker-'));
  const body = join(home, 'body.sh');
  writeFileSync(body, options.body ?? echoBody);
  const module = join(home, 'module.sh');
  writeFileSync(module, options.module ?? '');
  const environment = {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    TMPDIR: temporary,
    ...options.environment,
  };
  const variables = join(home, 'variables.sh');
  writeFileSync(variables, octopusVariablesScript(options.variables ?? {}));
  const child = spawn(options.bash ?? process.env['TEST_BASH'] ?? 'bash', [bootstrap, body, variables], {
    env: Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined)),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A test that gives up waiting leaves no step behind.
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  child.stdin.end(`${options.options ?? ''} module=${module}\n`);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      rmSync(home, { recursive: true, force: true });
      resolve({ code, signal, stdout, stderr });
    });
  });
  return {
    process: child,
    temporary,
    ended,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!stdout.includes(text)) return;
          child.stdout.off('data', check);
          resolve(stdout);
        };
        child.stdout.on('data', check);
        child.once('close', () =>
          reject(new Error(`The step ended before it printed ${text}: ${stdout}${stderr}`)),
        );
        check();
      }),
  };
}

export async function runStep(
  options: StepOptions = {},
): Promise<Ended & { readonly left: readonly string[] }> {
  const step = startStep(options);
  const ended = await step.ended;
  const left = readdirSync(step.temporary);
  rmSync(step.temporary, { recursive: true, force: true });
  return { ...ended, left };
}

/** The environment of the echoing action. */
export function environmentOf(stdout: string): Readonly<Record<string, string>> {
  return JSON.parse(/^ENV ([^\n]*)/m.exec(stdout)?.[1] ?? '{}');
}

/** The Octopus variables that were handed to the echoing action. */
export function variablesOf(stdout: string): OctopusVariables {
  return JSON.parse(/^VARIABLES ([^\n]*)/m.exec(stdout)?.[1] ?? '{}');
}

/** The lines that were shown as warnings. */
export function warnings(stdout: string): string[] {
  const blocks = stdout.matchAll(/^##octopus\[stdout-warning\]\n(.*?)^##octopus\[stdout-default\]$/gms);
  return [...blocks].flatMap(([, block]) => (block ?? '').split('\n').slice(0, -1));
}

/** The process of the echoing action. */
export function pidOf(stdout: string): number {
  return JSON.parse(/^RUN (.*)$/m.exec(stdout)?.[1] ?? '{}').pid;
}

/** The values of a service message's attribute, decoded, in the order they were printed. */
export function messages(stdout: string, name: string, attribute: string): string[] {
  const lines = stdout.matchAll(new RegExp(`^##octopus\\[${name} [^\\]]*\\b${attribute}='([^']*)'`, 'gm'));
  return [...lines].map(([, value]) => Buffer.from(value ?? '', 'base64').toString());
}

/** The output variables that were set, each with its last value. */
export function outputs(stdout: string): Readonly<Record<string, string>> {
  const values = messages(stdout, 'setVariable', 'value');
  return Object.fromEntries(
    messages(stdout, 'setVariable', 'name').map((name, at) => [name, values[at] ?? '']),
  );
}

/** A folder with nothing but links to these programs, for a PATH of its own. Programs may be scripts: name -> text. */
export function toolFolder(tools: readonly string[], scripts: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'tools-'));
  for (const tool of tools) symlinkSync(programPath(tool), join(folder, tool));
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/**
 * Runs a step with a program called `node` before the worker's own on the PATH: a Bash script that has the real one in
 * `$real`, and `$1` is `--version` when it is asked for its version.
 */
export async function runStepWithNode(script: string, options: StepOptions = {}): ReturnType<typeof runStep> {
  const text = `#!${programPath('bash')}\nreal=${programPath('node')}\n${script}\n`;
  const folder = toolFolder([], { node: text });
  const environment = { PATH: `${folder}:${process.env['PATH']}`, ...options.environment };
  const ended = await runStep({ options: 'array', ...options, environment });
  rmSync(folder, { recursive: true });
  return ended;
}

/** Where a program of the PATH is. */
export function programPath(program: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const folder = folders.find((each) => existsSync(join(each, program)));
  if (folder === undefined) throw new Error(`${program} is not on the PATH`);
  return join(folder, program);
}

/** A file of the launcher as it is in the sources. */
export function sourceText(name: string): string {
  return readFileSync(new URL(`../../src/launcher/${name}`, import.meta.url), 'utf8');
}
