import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { attempt, Fault, type FaultKind, faultWords } from '../../domain/fault.ts';
import { plain, type Text, text, withoutExpressions } from '../../domain/text.ts';
import { awaited, proceed, stopped } from '../decided-outcomes.ts';
import { answerInterruption } from './answering.ts';
import { type Judgement, judge } from './judgement.ts';
import { ParkedChecks } from './parked-checks.ts';
import { type ParkedRun, type ParkedSite, placeOf } from './parked-run.ts';
import type { PassContext } from './pass-context.ts';
import { PassReport } from './pass-report.ts';
import type { Answer } from './ports.ts';

/** After this many consecutive unreadable change requests, the pass tests whether the site is reachable. */
const mostFailures = 3;
/** R6: how long the answers of a pass may take that Octopus does not confirm. */
const mostUnconfirmedMs = 120_000;
/** X1: the maximum length of the notes, in characters. */
const longestNotes = 2000;
const dayMs = 86_400_000;

/**
 * Operation `Resume` (R3 to R6): one pass over the parked runs of a space.
 * @returns the problems that make the run fail, each with advice
 */
export async function pass(context: PassContext): Promise<readonly Text[]> {
  const report = new PassReport(context);
  try {
    return await new Pass(context, report).run();
  } finally {
    report.sum();
  }
}

class Pass {
  readonly #context: PassContext;
  readonly #report: PassReport;
  #octopusTime: Date | undefined;
  /** R6: how long the answers have taken that Octopus did not confirm. */
  #unconfirmedMs = 0;
  #octopusFault: Fault | undefined;

  constructor(context: PassContext, report: PassReport) {
    this.#context = context;
    this.#report = report;
  }

  async run(): Promise<readonly Text[]> {
    const { octopus, sites } = this.#context;
    const pending = await attempt(() => octopus.pending());
    // Octopus lists the newest first, but the deployment that has waited longest is answered first.
    const runs = pending instanceof Fault ? [] : this.#sorted(pending.list.toReversed());
    const problems = sites
      .filter((site) => site.isInUse || runs.some((run) => run.site === site))
      .flatMap(({ problem }) => problem ?? []);
    if (pending instanceof Fault) return [...problems, faultWords(pending)];
    this.#octopusTime = pending.serverTime;
    const failures: Text[] = [];
    for (const site of sites) {
      const fault = await this.#resumeSite(site, byKey(runs.filter((run) => run.site === site)));
      if (fault !== undefined) failures.push(text`${new URL(site.root).host}: ${faultWords(fault)}`);
    }
    if (this.#octopusFault !== undefined) failures.push(faultWords(this.#octopusFault));
    return [...problems, ...failures];
  }

  /** R3 */
  #sorted(list: Awaited<ReturnType<PassContext['octopus']['pending']>>['list']): readonly ParkedRun[] {
    const { here, sites } = this.#context;
    return list.flatMap((interruption) => {
      const place = placeOf(interruption, here, sites);
      if (place?.kind === 'parked') return [place.run];
      if (place !== undefined) this.#report.leftAlone(place, interruption.taskId);
      return [];
    });
  }

  /** @returns the last fault, if nothing could be read, and the site is unreachable or refuses the login */
  async #resumeSite(site: ParkedSite, runs: readonly ParkedRun[]): Promise<Fault | undefined> {
    const checks = new ParkedChecks(this.#context, site);
    let isReached = false;
    let isDoubtful = false;
    let isOver = false;
    let last: { readonly key: string; readonly fault: Fault } | undefined;
    let failures = 0;
    for (const [index, run] of runs.entries()) {
      if (this.#octopusFault !== undefined) {
        this.#report.unanswered(run, text`not tried: ${this.#octopusFault.summary}`);
        continue;
      }
      if (site.problem !== undefined || isOver || last?.key === run.key) {
        this.#report.unreadable(run, site.problem ?? text`not read again: ${last?.fault.summary ?? text``}`);
        continue;
      }
      const upcoming = function* (): Iterable<string> {
        for (const { key } of runs.slice(index)) yield key;
      };
      const judged = await attempt(async () => {
        const check = await checks.at(run.key, upcoming);
        return judge(this.#context, run, check, checks);
      });
      if (!(judged instanceof Fault)) {
        isReached = true;
        last = undefined;
        failures = 0;
        await this.#act(run, judged, checks);
        continue;
      }
      this.#report.unreadable(run, faultWords(judged));
      last = { key: run.key, fault: judged };
      if (faultsOfOneChange.has(judged.kind)) {
        isReached = true;
        failures = 0;
        continue;
      }
      isDoubtful ||= faultsOfEither.has(judged.kind);
      failures += 1;
      isOver =
        judged.kind === 'login'
          ? !isReached || failures > 1
          : failures % mostFailures === 0 && !(await isThere(site));
    }
    if (isReached || last === undefined) return undefined;
    const { fault } = last;
    return isDoubtful && fault.kind !== 'login' && (await acceptsLogin(site)) ? undefined : fault;
  }

  async #act(run: ParkedRun, judged: Judgement, checks: ParkedChecks): Promise<void> {
    if (judged.kind === 'left') return this.#report.unreadable(run, judged.why);
    const verdict = this.#verdict(run, judged);
    if (verdict.answer === undefined) return this.#report.waits(run, verdict.why);
    const { answer } = verdict;
    let { check } = judged;
    let { why } = verdict;
    const { clock } = this.#context;
    const beganAt = clock.now();
    const answered = await answerInterruption(this.#context, run.interruption, answer, async () => {
      if (!checks.isUsable(check)) {
        const again = await attempt(async () =>
          judge(this.#context, run, await checks.again(run.key), checks),
        );
        if (again instanceof Fault || again.kind === 'left') return undefined;
        const now = this.#verdict(run, again);
        if (now.answer !== answer) return undefined;
        ({ check } = again);
        ({ why } = now);
      }
      return this.#notes(run, check, why);
    });
    if (answered.kind === 'octopus-lost') this.#octopusFault = answered.fault;
    if (answered.kind === 'left' && answered.fault !== undefined) {
      this.#unconfirmedMs += clock.now() - beganAt;
      if (this.#unconfirmedMs >= mostUnconfirmedMs) this.#octopusFault = answered.fault;
    }
    this.#report.answered(run, answer, answered, why);
  }

  /** R4: returns the answer to a decision; none while the run waits within the park limit. */
  #verdict(
    { interruption, site }: ParkedRun,
    { check, decision }: Extract<Judgement, { kind: 'judged' }>,
  ): { readonly answer: Answer | undefined; readonly why: Text } {
    const context = { settings: { rules: site.rules, whenPending: 'wait' as const }, record: {} };
    switch (decision.kind) {
      case 'proceed':
        return { answer: 'Proceed', why: proceed(check).reason };
      case 'stop':
        return { answer: 'Abort', why: stopped(context, decision, check).reason };
      case 'wait': {
        const why = awaited(context, decision);
        const { parkLimitMs } = this.#context;
        const parkedMs = (this.#octopusTime?.getTime() ?? 0) - (interruption.created?.getTime() ?? Infinity);
        if (parkLimitMs === 0 || !(parkedMs > parkLimitMs)) return { answer: undefined, why };
        return {
          answer: 'Abort',
          why: text`The deployment has been parked for longer than the ${parkLimitMs / dayMs} days of Park limit (JsmChange.ParkLimitDays), and ${check.changeRequest.key} still waits for ${why}.`,
        };
      }
    }
  }

  /** X1, X3: returns the notes. Octopus keeps them as a variable, so they must not contain an expression. */
  #notes({ site }: ParkedRun, { changeRequest, serverTime }: TimedCheck, why: Text): string {
    const { clock, redact } = this.#context;
    const { key, status } = changeRequest;
    const line = text`${key} (${status.name}), checked at ${serverTime ?? clock.wallTime()}: ${plain(why)}`;
    const notes = redact(`${line.line} ${site.serviceDesk.browseUrl(key).href}`);
    return [...withoutExpressions(notes)].slice(0, longestNotes).join('');
  }
}

/** Groups the runs that wait for the same change request, so that one check serves them all. */
function byKey(runs: readonly ParkedRun[]): readonly ParkedRun[] {
  const groups = new Map<string, ParkedRun[]>();
  for (const run of runs) groups.set(run.key, [...(groups.get(run.key) ?? []), run]);
  return [...groups.values()].flat();
}

/**
 * R6: returns whether the site is reachable, so that unreadable change requests do not hide those after them.
 */
async function isThere({ serviceDesk }: ParkedSite): Promise<boolean> {
  return !((await attempt(() => serviceDesk.serverInfoTime())) instanceof Fault);
}

/** R6: returns whether the site can be reached and accepts the login. */
async function acceptsLogin({ serviceDesk }: ParkedSite): Promise<boolean> {
  return !((await attempt(() => serviceDesk.timeZone())) instanceof Fault);
}

/** The faults that are about one change request, and show that the login was accepted. */
const faultsOfOneChange: ReadonlySet<FaultKind> = new Set([
  'missing',
  'rejected',
  'conflict',
  'window-unknown',
]);
/** The faults that may be about one change request or about the whole site. */
const faultsOfEither: ReadonlySet<FaultKind> = new Set(['forbidden', 'wrong-url', 'refused']);
