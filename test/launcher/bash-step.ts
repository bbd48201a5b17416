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
  /** Words for `octopus-bootstrap.sh`, such as `array` or `nounset`. */
  readonly options?: string;
  /** The code of a script module, which runs before the body. */
  readonly module?: string;
  /** Entries of the worker's environment; undefined removes one. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The script body; by default the launcher around an action that echoes its input. */
  readonly body?: string;
  readonly bash?: string;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A step that runs in Bash as Octopus would run it, in its own temporary folder. */
interface BashStep {
  readonly process: ChildProcess;
  /** The worker's folder for temporary files, which the step should leave empty. */
  readonly temporary: string;
  readonly ended: Promise<Ended>;
  /** Resolves with the output so far as soon as it contains the text; rejects if the step ends before. */
  printed(text: string): Promise<string>;
}

/** The launcher around another action than the product's. */
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
  // A test that times out leaves no step running.
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

/** The Octopus variables that the echoing action got. */
export function variablesOf(stdout: string): OctopusVariables {
  return JSON.parse(/^VARIABLES ([^\n]*)/m.exec(stdout)?.[1] ?? '{}');
}

/** The lines that are shown as warnings. */
export function warnings(stdout: string): string[] {
  const blocks = stdout.matchAll(/^##octopus\[stdout-warning\]\n(.*?)^##octopus\[stdout-default\]$/gms);
  return [...blocks].flatMap(([, block]) => (block ?? '').split('\n').slice(0, -1));
}

/** The process id of the echoing action. */
export function pidOf(stdout: string): number {
  return JSON.parse(/^RUN (.*)$/m.exec(stdout)?.[1] ?? '{}').pid;
}

/** The decoded values of a service message's attribute, in the order in which they were printed. */
export function messages(stdout: string, name: string, attribute: string): string[] {
  const lines = stdout.matchAll(new RegExp(`^##octopus\\[${name} [^\\]]*\\b${attribute}='([^']*)'`, 'gm'));
  return [...lines].map(([, value]) => Buffer.from(value ?? '', 'base64').toString());
}

/** The output variables, each with its last value. */
export function outputs(stdout: string): Readonly<Record<string, string>> {
  const values = messages(stdout, 'setVariable', 'value');
  return Object.fromEntries(
    messages(stdout, 'setVariable', 'name').map((name, at) => [name, values[at] ?? '']),
  );
}

/**
 * A folder that contains only links to these programs, for use as a PATH. Programs may be scripts: name ->
 * text.
 */
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
 * Runs a step with a Bash script called `node` before the worker's Node on the PATH. In the script, `$real`
 * is the real Node, and `$1` is `--version` if its version is requested.
 */
export async function runStepWithNode(script: string, options: StepOptions = {}): ReturnType<typeof runStep> {
  const text = `#!${programPath('bash')}\nreal=${programPath('node')}\n${script}\n`;
  const folder = toolFolder([], { node: text });
  const environment = { PATH: `${folder}:${process.env['PATH']}`, ...options.environment };
  const ended = await runStep({ options: 'array', ...options, environment });
  rmSync(folder, { recursive: true });
  return ended;
}

/** The path of a program on the PATH. */
export function programPath(program: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const folder = folders.find((each) => existsSync(join(each, program)));
  if (folder === undefined) throw new Error(`${program} is not on the PATH`);
  return join(folder, program);
}

/** The text of a launcher file in the sources. */
export function sourceText(name: string): string {
  return readFileSync(new URL(`../../src/launcher/${name}`, import.meta.url), 'utf8');
}
