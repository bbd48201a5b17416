import { nowhere, startAction } from '../../test/black-box/run-action.ts';
import { type TaskLogEvent, TaskLogReader } from '../../test/black-box/task-log.ts';
import { SettableClock } from '../../test/sandbox/clock.ts';
import { deploymentVariables } from '../../test/sandbox/octopus-variables.ts';
import { startSandbox } from '../../test/sandbox/server.ts';
import type { Site } from '../../test/sandbox/site.ts';
import { serviceProject } from '../demo/approver.ts';

/** A site whose clock only advances when people act, so that each run gives the same texts. */
export interface Scene {
  readonly site: Site;
  readonly clock: SettableClock;
}

/** What somebody does right after a line, or a progress text, that contains these words. */
type Act = readonly [words: string, act: (scene: Scene) => void];

interface Story {
  /** Called before the run. */
  readonly prepare?: (scene: Scene) => void;
  readonly acts?: readonly Act[];
  /** Once all acts are done, the run is cancelled when it prints these words. */
  readonly until?: string;
  /** Receives everything that Octopus reads, as it is printed. */
  readonly show: (event: TaskLogEvent) => void;
}

interface Told extends Scene {
  /** Undefined if the run was cancelled. */
  readonly exitCode: number | undefined;
}

/** What pictures show instead of the address of the sandbox, whose port differs between runs. */
const shownUrl = 'https://acme.example';

/** Runs the gate of the bundle against the sandbox, while people act. */
export async function runGate({ prepare, acts = [], until, show }: Story): Promise<Told> {
  const clock = new SettableClock();
  const sandbox = await startSandbox({ projects: [serviceProject], clock, timeZone: 'UTC' });
  const scene: Scene = { site: sandbox.site, clock };
  prepare?.(scene);
  const workerClock = new URL(`worker-clock.mjs?start=${clock.now()}`, import.meta.url);
  const action = startAction(deploymentVariables(sandbox), {
    environment: { HTTPS_PROXY: nowhere, NODE_OPTIONS: `--import ${workerClock}` },
  });
  const reader = new TaskLogReader();
  const due = [...acts];
  let isLeft = false;
  const follow = (event: TaskLogEvent): void => {
    if (isLeft) return;
    show(event);
    const [next] = due;
    const wanted = next?.[0] ?? until;
    if (wanted === undefined || !wordsOf(event).includes(wanted)) return;
    due.shift();
    if (next !== undefined) next[1](scene);
    else {
      isLeft = true;
      action.process.kill('SIGTERM');
    }
  };
  action.process.stdout?.on('data', (text: string) => {
    for (const event of reader.read(text)) follow(withShownUrl(event, sandbox.url));
  });
  try {
    const { exitCode, stderr } = await action.ended;
    if (stderr !== '') throw new Error(stderr);
    if (due[0] !== undefined) throw new Error(`The run ended before it said "${due[0][0]}"`);
    return { ...scene, exitCode: isLeft ? undefined : (exitCode ?? 1) };
  } finally {
    await sandbox.close();
  }
}

function withShownUrl(event: TaskLogEvent, url: string): TaskLogEvent {
  const shown = JSON.stringify(event).replaceAll(url, shownUrl);
  // The end of the wait limit depends on how long the process took to start, and the digest on all its times.
  return JSON.parse(
    shown
      .replace(/(?<=waits until )\d{4}-[^ ]+Z/g, '2026-06-13T08:05:00Z')
      .replace(/\b[0-9a-f]{64}\b/g, '0123456789abcdef'.repeat(4)),
  );
}

function wordsOf(event: TaskLogEvent): string {
  switch (event.kind) {
    case 'line':
    case 'dropped':
      return event.text;
    case 'message':
      return event.message.name === 'progress' ? `progress: ${event.message.attributes['message']}` : '';
  }
}
