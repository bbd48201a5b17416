import { fastSiteClock } from '../../test/black-box/fast-site-clock.ts';
import { bundle, node, nowhere } from '../../test/black-box/run-action.ts';
import { parkedProcess, resumeProcess, tableOf } from '../../test/recipes/parking-page.ts';
import { plannedEndId, plannedStartId } from '../../test/sandbox/defaults.ts';
import type { Permission } from '../../test/sandbox/octopus/account.ts';
import type { Script } from '../../test/sandbox/octopus/process.ts';
import type { RunResult } from '../../test/sandbox/octopus/run-process.ts';
import { pretend, program } from '../../test/sandbox/octopus/script.ts';
import { type OctopusServer, startOctopus } from '../../test/sandbox/octopus/server.ts';
import { hasEnded, isPaused, type Task } from '../../test/sandbox/octopus/task.ts';
import { type Sandbox, startSandbox } from '../../test/sandbox/server.ts';
import { legend, Occupancy, type Occupation } from './occupancy.ts';
import type { Screen } from './task-log-view.ts';

const secondMs = 1000;
const slots = 2;
/** How often the runbook runs, and the time between the decisions of people, by the clocks of the demo. */
const passEveryMs = 10 * secondMs;
const decideEveryMs = 8 * secondMs;
/** How long before Planned start the change request with a window is approved. */
const earlyMs = 14 * secondMs;
const deployMs = 4 * secondMs;
const sampleMs = 100;

/** In the order in which people decide on them. */
const projects = ['Web Shop', 'Intranet', 'Payroll', 'Warehouse', 'Search', 'Billing'] as const;
type Project = (typeof projects)[number];
const declined: Project = 'Intranet';
const withWindow: Project = 'Payroll';

interface ParkedDemo {
  readonly screen: Screen;
  /** By how much all clocks run faster than real time. */
  readonly speed: number;
}

/**
 * Shows six deployments on a server with two slots: all park, and continue or are aborted as their changes
 * are decided.
 */
export async function showParked(demo: ParkedDemo): Promise<number> {
  const clock = fastSiteClock(demo.speed);
  const sandbox = await startSandbox({ clock });
  const octopus = await startOctopus({ clock, cap: slots });
  try {
    return await new ParkedStory(demo, sandbox, octopus).tell();
  } finally {
    await Promise.all([octopus.close(), sandbox.close()]);
  }
}

class ParkedStory {
  readonly #demo: ParkedDemo;
  readonly #sandbox: Sandbox;
  readonly #octopus: OctopusServer;
  readonly #script: Script;
  readonly #occupancy = new Occupancy([...projects, 'Resume']);
  readonly #tasks = new Map<Project, Task>();
  readonly #startedMs: number;
  #parked = 0;

  constructor(demo: ParkedDemo, sandbox: Sandbox, octopus: OctopusServer) {
    this.#demo = demo;
    this.#sandbox = sandbox;
    this.#octopus = octopus;
    this.#startedMs = octopus.now();
    const fast = new URL(`../../test/black-box/fast-clock.mjs?speed=${demo.speed}`, import.meta.url).href;
    this.#script = program({
      command: node,
      args: ['--import', fast, bundle],
      environment: { HTTPS_PROXY: nowhere },
    });
  }

  async tell(): Promise<number> {
    this.#heading('Six deployments, two slots');
    this.#say(
      `Each deployment runs the process of docs/parking.md: Request change, Wait for approval, Change gate, Deploy, Report change. Octopus and JSM are stand-ins on this machine, the steps are the bundle, and the demo plays the people. All clocks run ${this.#demo.speed} times as fast.\n`,
    );
    const sampler = setInterval(() => this.#sample(), sampleMs);
    try {
      const ended = this.#deploy();
      await this.#allParked();
      const passes = this.#passes();
      await this.#decide();
      const results = await Promise.all(ended);
      await passes;
      this.#sample();
      this.#showPicture();
      return this.#verdict(results);
    } finally {
      clearInterval(sampler);
    }
  }

  #deploy(): readonly Promise<RunResult>[] {
    const process = parkedProcess(
      { sandbox: this.#sandbox, script: this.#script },
      pretend('Deployed.', deployMs / this.#demo.speed),
      { ChangeControlled: 'True' },
    );
    const ended = projects.map((project) => {
      const run = this.#octopus.deploy({ project, process });
      this.#tasks.set(project, run.task);
      return run.ended.then((result) => {
        this.#event(project, endOf(result));
        return result;
      });
    });
    this.#event('Octopus', 'six deployments to Production begin');
    return ended;
  }

  /** Waits until all deployments are parked and nobody holds a slot or waits for one. */
  async #allParked(): Promise<void> {
    while (this.#parked < projects.length || this.#octopus.timeline.at(-1)?.slots !== 0) {
      if ([...this.#tasks.values()].some(hasEnded))
        throw new Error('A deployment ended before it was parked.');
      await this.#sleep(secondMs / 4);
    }
    this.#event('Octopus', 'all six are parked: both slots are free, and no worker is in use');
  }

  /** Runs the runbook on its schedule until every deployment has ended. */
  async #passes(): Promise<void> {
    const robot = this.#octopus.addUser({
      username: 'change-gate',
      isService: true,
      teams: [tableOf('Wait for approval')['Responsible teams'] ?? ''],
      permissions: Object.keys(tableOf('permission')) as Permission[],
    });
    const process = resumeProcess({ sandbox: this.#sandbox, script: this.#script }, robot.apiKey);
    while (![...this.#tasks.values()].every(hasEnded)) {
      await this.#sleep(passEveryMs);
      if ([...this.#tasks.values()].every((task) => hasEnded(task) || !isPaused(task))) continue;
      const { steps } = await this.#octopus.deploy({
        project: 'Operations',
        runbook: 'Resume parked deployments',
        trigger: 'Every five minutes',
        process,
      }).ended;
      const lines = steps.flatMap(({ lines }) => lines.map(({ text }) => text));
      const total = lines.findLast((line) => /^Resume: \d/.test(line)) ?? 'Resume: no total';
      this.#event('Resume', total.replace(/^Resume: /, '').replace(/(?:, 0 [a-z ]+)+\.$/, ''));
    }
  }

  /** Plays the people who decide on the change requests, one after the other. */
  async #decide(): Promise<void> {
    const { site } = this.#sandbox;
    for (const project of projects) {
      await this.#sleep(decideEveryMs);
      const key = this.#keyOf(project);
      if (project === declined) {
        site.moveTo(key, 'Declined');
        this.#event('JSM', `${key} (${project}) is declined`);
        continue;
      }
      if (project === withWindow) {
        const start = new Date(Math.ceil((site.now() + earlyMs) / secondMs) * secondMs);
        site.setField(key, plannedStartId, start);
        site.setField(key, plannedEndId, new Date(start.getTime() + 7200 * secondMs));
      }
      site.moveTo(key, 'Implementing');
      const when = project === withWindow ? `, for a window that opens ${earlyMs / secondMs} s later` : '';
      this.#event('JSM', `${key} (${project}) is approved${when}`);
    }
  }

  #keyOf(project: Project): string {
    const [issue] = this.#sandbox.site.openWithSummary(
      `Octopus: Deploy "${project}" version 1.0.1 to "Production"`,
    );
    if (issue === undefined) throw new Error(`${project} has no change request.`);
    return issue.key;
  }

  #sample(): void {
    const { tasks, interruptions } = this.#octopus;
    for (const { task, instructions } of interruptions.slice(this.#parked)) {
      this.#parked += 1;
      const [, key = '', status = ''] = /\[([^\]]+)\][^`]*`([^`]+)`/.exec(instructions) ?? [];
      this.#event(task.run.project.name, `parked: ${key} is ${status}`);
    }
    const runbook = tasks.findLast(({ run }) => run.runbook !== undefined);
    const shown = [...projects.map((project) => this.#tasks.get(project)), runbook];
    this.#occupancy.note(this.#octopus.now() - this.#startedMs, shown.map(occupationOf));
  }

  /** Prints one line: the time, the slots, the queue, the parked deployments, and what happened. */
  #event(who: string, what: string): void {
    const { slots: used = 0, queued = 0, paused = 0 } = this.#octopus.timeline.at(-1) ?? {};
    const atSeconds = Math.round((this.#octopus.now() - this.#startedMs) / secondMs);
    const time = `${Math.floor(atSeconds / 60)}:${String(atSeconds % 60).padStart(2, '0')}`;
    const slotMarks = '■'.repeat(used).padEnd(slots, '□');
    const lead = `${time.padStart(5)}  ${slotMarks}  ${'░'.repeat(queued).padEnd(6)}  ${'·'.repeat(paused).padEnd(6)}  `;
    const bold = who === 'JSM' || who === 'Octopus' || who === 'Resume';
    this.#say(`${lead}${this.#paint(who.padEnd(9), bold ? '1' : '0')}  ${what}`);
  }

  #showPicture(): void {
    this.#heading('The two slots over time');
    const columns = Math.min((this.#demo.screen.width ?? 92) - 14, 92);
    for (const line of this.#occupancy.picture(columns)) this.#say(line);
    this.#say(legend);
    const [held, parked] = (['slot', 'parked'] as const).map((each) =>
      Math.round(this.#occupancy.secondsOf(each)),
    );
    this.#say(
      `\nIn total, slots were held for ${held} s. Waiting gates would have held them for another ${parked} s.`,
    );
  }

  /** Checks that each deployment ended as its change request was decided. */
  #verdict(results: readonly RunResult[]): number {
    const wrong = results.filter(({ task }) => {
      const isDeployed = task.state === 'Success';
      return isDeployed === (task.run.project.name === declined);
    });
    const isGood = wrong.length === 0;
    const text = isGood
      ? 'Five deployments continued when their changes were approved; one was declined and aborted.'
      : `Not as decided: ${wrong.map(({ task }) => `${task.run.project.name} ended as ${task.state}`).join(', ')}.`;
    this.#say(`\n${this.#paint(text, isGood ? '32' : '31')}`);
    return isGood ? 0 : 1;
  }

  /** Waits by the clocks of the demo. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms / this.#demo.speed));
  }

  #heading(text: string): void {
    this.#say(`\n${this.#paint(text, '1')}`);
  }

  #say(text: string): void {
    this.#demo.screen.write(`${text}\n`);
  }

  #paint(text: string, code: string): string {
    return this.#demo.screen.colours && code !== '0' ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

function endOf({ task, steps }: RunResult): string {
  const deployed = steps.some(({ name, status }) => name === 'Deploy' && status === 'Succeeded');
  return `${deployed ? 'deployed' : 'aborted, nothing was deployed'} (${task.state})`;
}

function occupationOf(task: Task | undefined): Occupation {
  if (task === undefined || hasEnded(task)) return 'none';
  if (isPaused(task)) return 'parked';
  return task.state === 'Queued' ? 'queued' : 'slot';
}
