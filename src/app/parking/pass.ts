import type { TimedLook } from '../../domain/decision/run-record.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { link, plain, type Text, text } from '../../domain/text.ts';
import { awaited, proceed, stopped } from '../decided-outcomes.ts';
import { type Answered, answerInterruption } from './answering.ts';
import { type Judgement, judge } from './judgement.ts';
import { ParkedLooks } from './parked-looks.ts';
import { type ParkedRun, type ParkedSite, placeOf } from './parked-run.ts';
import { type PassContext, runLink } from './pass-context.ts';
import type { Answer } from './ports.ts';

/** R6: what became of the parked runs. */
interface Tally {
  resumed: number;
  aborted: number;
  waiting: number;
  byOthers: number;
  notAnswerable: number;
  unreadable: number;
}

/** After so many change requests in a row that cannot be read, the site itself is asked whether it is there. */
const mostFailures = 3;
/** X1: the longest notes, in characters. */
const longestNotes = 2000;
const dayMs = 86_400_000;

/**
 * Operation `Resume` (R3 to R6): one pass over the parked runs of a space.
 * @returns what kept it from its work as a whole, with what to do: the run fails with it
 */
export async function pass(context: PassContext): Promise<readonly Text[]> {
  const tally: Tally = { resumed: 0, aborted: 0, waiting: 0, byOthers: 0, notAnswerable: 0, unreadable: 0 };
  try {
    return await new Pass(context, tally).run();
  } finally {
    context.log.highlight(
      text`Resume: ${tally.resumed} continued, ${tally.aborted} aborted, ${tally.waiting} still waiting, ${tally.byOthers} answered by others, ${tally.notAnswerable} not answerable, ${tally.unreadable} could not be read.`,
    );
  }
}

class Pass {
  readonly #context: PassContext;
  readonly #tally: Tally;
  #octopusTime: Date | undefined;
  #octopusFault: Fault | undefined;

  constructor(context: PassContext, tally: Tally) {
    this.#context = context;
    this.#tally = tally;
  }

  async run(): Promise<readonly Text[]> {
    const { octopus, sites } = this.#context;
    const problems = sites.flatMap(({ problem }) => problem ?? []);
    const pending = await attempt(() => octopus.pending());
    if (pending instanceof Fault) return [...problems, words(pending)];
    this.#octopusTime = pending.serverTime;
    // Newest first, as Octopus lists them: a deployment that waits longer goes first.
    const runs = this.#sorted(pending.list.toReversed());
    const failures: Text[] = [];
    for (const site of sites) {
      const fault = await this.#resumeSite(site, byKey(runs.filter((run) => run.site === site)));
      if (fault !== undefined) failures.push(text`${new URL(site.root).host}: ${words(fault)}`);
    }
    if (this.#octopusFault !== undefined) failures.push(words(this.#octopusFault));
    return [...problems, ...failures];
  }

  /** R3 */
  #sorted(list: Awaited<ReturnType<PassContext['octopus']['pending']>>['list']): readonly ParkedRun[] {
    const { here, sites, log } = this.#context;
    return list.flatMap((interruption) => {
      const place = placeOf(interruption, here, sites);
      if (place === undefined) return [];
      if (place.kind === 'parked') return [place.run];
      const run = runLink(this.#context, place.runId, interruption.taskId);
      if (place.kind === 'not-answerable') {
        this.#tally.notAnswerable += 1;
        log.warning(text`${run}: ${place.why}`);
      } else {
        log.info(
          text`${run}: left alone; ${place.browseUrl} is not of an allowed project at a configured JSM site.`,
        );
      }
      return [];
    });
  }

  /** @returns the fault of a site of which nothing could be read */
  async #resumeSite(site: ParkedSite, runs: readonly ParkedRun[]): Promise<Fault | undefined> {
    const looks = new ParkedLooks(this.#context, site);
    let isReached = false;
    let isOver = false;
    let last: { readonly key: string; readonly fault: Fault } | undefined;
    let failures = 0;
    for (const [index, run] of runs.entries()) {
      if (this.#octopusFault !== undefined) {
        this.#unanswered(run, text`not tried: ${this.#octopusFault.summary}`);
        continue;
      }
      if (site.problem !== undefined || isOver || last?.key === run.key) {
        this.#unreadable(run, site.problem ?? text`not asked again: ${last?.fault.summary ?? text``}`);
        continue;
      }
      const upcoming = function* (): Iterable<string> {
        for (const { key } of runs.slice(index)) yield key;
      };
      const judged = await attempt(async () => {
        const look = await looks.at(run.key, upcoming);
        return judge(this.#context, run, look, (key) => looks.again(key));
      });
      if (!(judged instanceof Fault)) {
        isReached = true;
        last = undefined;
        failures = 0;
        await this.#act(run, judged, looks);
        continue;
      }
      this.#unreadable(run, words(judged));
      last = { key: run.key, fault: judged };
      if (isOfOneChange(judged)) {
        isReached = true;
        failures = 0;
        continue;
      }
      failures += 1;
      isOver =
        judged.kind === 'login'
          ? !isReached || failures > 1
          : failures % mostFailures === 0 && !(await isThere(site));
    }
    return isReached ? undefined : last?.fault;
  }

  async #act(run: ParkedRun, judged: Judgement, looks: ParkedLooks): Promise<void> {
    if (judged.kind === 'left') return this.#unreadable(run, judged.why);
    const verdict = this.#verdict(run, judged);
    if (verdict.answer === undefined) {
      this.#tally.waiting += 1;
      return this.#say(run, text`waits for ${verdict.why}.`);
    }
    const { answer } = verdict;
    let { look } = judged;
    let { why } = verdict;
    const answered = await answerInterruption(this.#context, run.interruption, answer, async () => {
      if (!looks.isUsable(look)) {
        const again = await attempt(async () =>
          judge(this.#context, run, await looks.again(run.key), (key) => looks.again(key)),
        );
        if (again instanceof Fault || again.kind === 'left') return undefined;
        const now = this.#verdict(run, again);
        if (now.answer !== answer) return undefined;
        ({ look } = again);
        ({ why } = now);
      }
      return this.#notes(run, look, why);
    });
    this.#note(run, answer, answered, why);
  }

  /** R4: the button for a decision; none for one that waits. */
  #verdict(
    { interruption, site }: ParkedRun,
    { look, decision }: Extract<Judgement, { kind: 'judged' }>,
  ): { readonly answer: Answer | undefined; readonly why: Text } {
    const context = { settings: { rules: site.rules, whenPending: 'wait' as const }, record: {} };
    switch (decision.kind) {
      case 'proceed':
        return { answer: 'Proceed', why: proceed(look).reason };
      case 'stop':
        return { answer: 'Abort', why: stopped(context, decision, look).reason };
      case 'wait': {
        const why = awaited(context, decision);
        const { parkLimitMs } = this.#context;
        const parkedMs = (this.#octopusTime?.getTime() ?? 0) - (interruption.created?.getTime() ?? Infinity);
        if (parkLimitMs === 0 || !(parkedMs > parkLimitMs)) return { answer: undefined, why };
        return {
          answer: 'Abort',
          why: text`The deployment is parked for longer than the ${parkLimitMs / dayMs} days of Park limit (JsmChange.ParkLimitDays), and ${look.changeRequest.key} still waits for ${why}.`,
        };
      }
    }
  }

  /** X1, X3: Octopus keeps them as a variable, so they hold no expression. */
  #notes({ site }: ParkedRun, { changeRequest, serverTime }: TimedLook, why: Text): string {
    const { clock, redact } = this.#context;
    const { key, status } = changeRequest;
    const line = text`${key} (${status.name}), checked at ${serverTime ?? clock.wallTime()}: ${plain(why)}`;
    const notes = redact(`${line.line} ${site.serviceDesk.browseUrl(key).href}`);
    return [...notes.replace(/#(?=\{)/g, '# ')].slice(0, longestNotes).join('');
  }

  #note(run: ParkedRun, answer: Answer, answered: Answered, why: Text): void {
    switch (answered.kind) {
      case 'done':
        this.#tally[answer === 'Proceed' ? 'resumed' : 'aborted'] += 1;
        this.#say(run, answer === 'Proceed' ? text`continues. ${why}` : text`aborted. ${why}`);
        break;
      case 'by-others':
        this.#tally.byOthers += 1;
        this.#say(run, text`was answered by somebody else meanwhile.`);
        break;
      case 'outdated':
        this.#tally.waiting += 1;
        this.#say(run, text`left to the next pass: its change request has to be checked again.`);
        break;
      case 'left':
        this.#unanswered(run, text`could not be answered: ${answered.why}`);
        break;
      case 'octopus-lost':
        this.#octopusFault = answered.fault;
        this.#unanswered(run, text`could not be answered: ${words(answered.fault)}`);
        break;
    }
  }

  #unanswered(run: ParkedRun, why: Text): void {
    this.#tally.notAnswerable += 1;
    this.#warn(run, why);
  }

  #unreadable(run: ParkedRun, why: Text): void {
    this.#tally.unreadable += 1;
    this.#warn(run, why);
  }

  #say(run: ParkedRun, what: Text): void {
    this.#context.log.info(text`${this.#subject(run)}: ${what}`);
  }

  #warn(run: ParkedRun, what: Text): void {
    this.#context.log.warning(text`${this.#subject(run)}: ${what}`);
  }

  #subject({ runId, interruption, key, site }: ParkedRun): Text {
    const run = runLink(this.#context, runId, interruption.taskId);
    return text`${run}, ${link(key, site.serviceDesk.browseUrl(key))}`;
  }
}

/** Those that wait for one change request follow each other, so that one look serves them all. */
function byKey(runs: readonly ParkedRun[]): readonly ParkedRun[] {
  const groups = new Map<string, ParkedRun[]>();
  for (const run of runs) groups.set(run.key, [...(groups.get(run.key) ?? []), run]);
  return [...groups.values()].flat();
}

/** R6: what cannot be read for good, at every pass, does not hide what comes after it. */
async function isThere({ serviceDesk }: ParkedSite): Promise<boolean> {
  return !((await attempt(() => serviceDesk.serverInfoTime())) instanceof Fault);
}

/** Faults that are about one change request, under a login that was accepted. */
function isOfOneChange({ kind }: Fault): boolean {
  return kind === 'missing' || kind === 'rejected' || kind === 'conflict';
}

function words({ summary, advice }: Fault): Text {
  return text`${summary} ${advice}`;
}
