import fc from 'fast-check';
import { createCaller } from '../sandbox/caller.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import {
  boundsOf,
  defaultRules,
  judge,
  type OracleMoment,
  type OracleRules,
  plannedIds,
  type Verdict,
  withdrawnFor,
} from './decision-oracle.ts';
import { type Act, gateVariables, type SimulatedRun, simulate } from './simulate.ts';
import { SimulatedSite } from './simulated-site.ts';

/** Something that people do to the change request or to its fields while a run waits for it. */
type Change = { readonly atMs: number } & (
  | { readonly kind: 'status'; readonly status: string }
  /** In ms from then on; null unsets the field. */
  | { readonly kind: 'planned'; readonly field: string; readonly fromThenMs: number | string | null }
  | { readonly kind: 'moved'; readonly project: string }
  | { readonly kind: 'type'; readonly type: string }
  | { readonly kind: 'retitled' | 'deleted' }
  /**
   * In favour of another change request with the title, in this status; undefined: of one that nobody can
   * find.
   */
  | { readonly kind: 'withdrawn'; readonly status: string | undefined }
  | { readonly kind: 'hidden'; readonly fields: readonly string[] }
  | { readonly kind: 'field-renamed'; readonly from: string; readonly to: string }
  /** A field with that name appears, with or without a value. */
  | { readonly kind: 'field-added'; readonly name: string; readonly fromThenMs: number | null }
);

interface TimelineScenario {
  readonly seed: number;
  readonly path: 'supplied' | 'title' | 'created';
  readonly flavour: 'cloud' | 'dc';
  readonly pollSeconds: number;
  readonly limitMinutes: number;
  readonly dateFields: 'current' | 'older' | 'both' | 'none';
  /** By policy: only change requests of the usual type are accepted. */
  readonly typed: boolean;
  /** The planned times at the beginning, in ms from then. */
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly changes: readonly Change[];
}

const secondMs = 1000;
const minuteMs = 60_000;
/** W8: how old an answer may be that a run relies on. */
const oldestMs = 10 * secondMs;
/** L10 */
const mostWithdrawals = 5;
/** By then the run has found its change request. */
const earliestMs = 40 * secondMs;
const latestMs = 15 * minuteMs;
const atMs = fc.integer({ min: earliestMs, max: latestMs });
const fieldNames = ['Planned start', 'Change start date', 'Planned end', 'Change completion date'];
const aWhile = fc.integer({ min: -5 * minuteMs, max: latestMs });

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('status' as const),
      atMs,
      status: fc.constantFrom(
        'Implementing',
        'Implementing',
        'Implementing',
        'Planning',
        'Authorize',
        'Declined',
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('planned' as const),
      atMs,
      field: fc.constantFrom(...fieldNames),
      fromThenMs: fc.oneof(
        { weight: 8, arbitrary: aWhile },
        { weight: 2, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.constantFrom('soon', '2026-06-13') },
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('moved' as const),
      atMs,
      project: fc.constantFrom('OPS', 'HR', 'CHG'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('type' as const),
      atMs,
      type: fc.constantFrom('[System] Change', '[System] Service request'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('retitled' as const, 'deleted' as const), atMs }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('withdrawn' as const),
      atMs,
      status: fc.constantFrom(undefined, 'Review', 'Implementing', 'Declined'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hidden' as const),
      atMs,
      fields: fc.subarray(fieldNames, { maxLength: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('field-renamed' as const),
      atMs,
      from: fc.constantFrom(...fieldNames),
      to: fc.constantFrom('Beginning', 'Planned end', 'Change start date'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('field-added' as const),
      atMs,
      name: fc.constantFrom(...fieldNames),
      fromThenMs: fc.option(aWhile, { nil: null }),
    }),
  },
);

export const timelineScenario: fc.Arbitrary<TimelineScenario> = fc.record({
  seed: fc.integer({ min: 1, max: 1e9 }),
  path: fc.constantFrom('supplied', 'title', 'created'),
  flavour: fc.constantFrom('cloud', 'cloud', 'dc'),
  pollSeconds: fc.constantFrom(5, 15, 15, 60),
  limitMinutes: fc.constantFrom(10, 25, 25),
  dateFields: fc.constantFrom('current', 'older', 'both', 'none'),
  typed: fc.boolean(),
  startMs: fc.option(fc.integer({ min: -minuteMs, max: latestMs }), { nil: null, freq: 2 }),
  endMs: fc.option(fc.integer({ min: 5 * minuteMs, max: 2 * latestMs }), { nil: null, freq: 2 }),
  changes: fc.array(change, { minLength: 1, maxLength: 6 }),
});

/** The state of the run's change request, from one change on. */
interface Truth {
  readonly atMs: number;
  /** As the site would return it; undefined if it would not. */
  readonly issue: Answer | undefined;
}

interface Answer {
  readonly names?: Readonly<Record<string, string>>;
  readonly fields?: { readonly summary?: string };
}

const none: ReadonlySet<string> = new Set();

interface TimelineOutcome {
  readonly run: SimulatedRun;
  readonly verdict: Verdict;
  readonly breaches: readonly string[];
}

/** Plays one wait, and judges it by the oracle and by a `Verify` at exactly the time of its end. */
export async function runTimeline(scenario: TimelineScenario): Promise<TimelineOutcome> {
  const timeline = new Timeline(scenario);
  const run = await timeline.play();
  const atEnd = await timeline.verify(run);
  return { run, verdict: timeline.verdictAtEnd(run), breaches: timeline.breaches(run, atEnd) };
}

class Timeline {
  readonly #scenario: TimelineScenario;
  readonly #site: SimulatedSite;
  readonly #truths: Truth[] = [];
  readonly #firstNames: Readonly<Record<string, string>>;
  #added = 0;
  #withdrawals = 0;

  constructor(scenario: TimelineScenario) {
    this.#scenario = scenario;
    this.#site = new SimulatedSite({
      seed: scenario.seed,
      flavour: scenario.flavour,
      dateFields: scenario.dateFields,
      projects: [{ key: 'CHG', serviceDeskId: '10' }, { key: 'OPS' }, { key: 'HR' }],
    });
    this.#firstNames = Object.fromEntries(this.#site.fields.map(({ id, name }) => [id, name]));
    const { startMs, endMs, path } = scenario;
    if (path === 'created') return;
    const { key } = this.#site.createRequest({ summary: deploymentTitle, lagged: false });
    this.#plan(key, ['Planned start', 'Change start date'], startMs);
    this.#plan(key, ['Planned end', 'Change completion date'], endMs);
  }

  async play(): Promise<SimulatedRun> {
    const { changes, path, pollSeconds, limitMinutes, seed } = this.#scenario;
    const note: Act = [earliestMs - 1, () => this.#note()];
    return simulate({
      site: this.#site,
      seed,
      latency: 0,
      variables: this.#variables({
        'JsmChange.PollIntervalSeconds': String(pollSeconds),
        'JsmChange.WaitLimitMinutes': String(limitMinutes),
        'Octopus.JiraServiceManagement.ChangeRequest.Number': path === 'supplied' ? 'CHG-1' : '',
      }),
      at: [
        note,
        ...changes.map(
          (one): Act => [
            one.atMs,
            () => {
              this.#make(one);
              this.#note();
            },
          ],
        ),
      ],
    });
  }

  /** V1: verifies the number that the gate has left, as a later step of the same deployment would. */
  async verify(gate: SimulatedRun): Promise<SimulatedRun> {
    const number = gate.outputs['ChangeRequest.Number'] ?? '';
    const isSupplied = this.#scenario.path === 'supplied';
    return simulate({
      site: this.#site,
      latency: 0,
      variables: this.#variables({
        'JsmChange.Operation': 'Verify',
        ...(isSupplied
          ? { 'Octopus.JiraServiceManagement.ChangeRequest.Number': number }
          : {
              'Octopus.Action[Change gate].Output.ChangeRequest.Number': number,
              'Octopus.Action[Change gate].Output.Decision': gate.outputs['Decision'] ?? '',
            }),
      }),
    });
  }

  verdictAtEnd(run: SimulatedRun): Verdict {
    return this.#verdictAt(run.endedAtMs, this.#seenFields(run));
  }

  breaches(run: SimulatedRun, verify: SimulatedRun): readonly string[] {
    const { Decision = '', DecisionReason = '' } = run.outputs;
    const { kind, rule } = this.verdictAtEnd(run);
    const mayStop = [run.endedAtMs, ...this.#pointsBefore(run.endedAtMs)].some((ms) =>
      [false, true].some((asFirst) => this.#verdictAt(ms, this.#seenFields(run), asFirst).kind === 'stop'),
    );
    const ended = `[${rule}] the gate ended after ${Math.round(run.endedAtMs / secondMs)} s with ${run.exitCode} ${Decision}: ${DecisionReason}`;
    const breaches: string[] = [];
    if (run.exitCode === 0 && kind !== 'proceed') breaches.push(`${ended} The rules say ${kind}.`);
    if (run.exitCode === 0 && verify.exitCode !== 0) {
      breaches.push(`${ended} A Verify at that time says: ${verify.outputs['DecisionReason']}`);
    }
    if (run.exitCode === 1) {
      const isDue = run.endedAtMs >= this.#scenario.limitMinutes * minuteMs;
      const isRight = Decision === 'TimedOut' ? isDue : Decision === 'Stop' && mayStop;
      if (!isRight) breaches.push(`${ended} The rules say ${kind}.`);
    }
    const lateMs = run.endedAtMs - this.#proceedsSince(run);
    if (lateMs > this.#mostLateMs()) {
      breaches.push(`${ended} It could have proceeded ${Math.round(lateMs / secondMs)} s before.`);
    }
    return breaches;
  }

  /** P2, and P3: only one of the less frequent checks notices that Planned start has become earlier. */
  #mostLateMs(): number {
    const pollMs = this.#scenario.pollSeconds * secondMs;
    const wasEarly = this.#changePoints().some((ms) => this.#verdictAt(ms).rule === 'W5');
    return 1.2 * Math.max(pollMs, wasEarly ? 5 * minuteMs : 0) + 3 * secondMs;
  }

  /** Since when the rules have continuously allowed the deployment; infinity if they do not. */
  #proceedsSince(run: SimulatedRun): number {
    let since = Number.POSITIVE_INFINITY;
    for (const ms of this.#changePoints().filter((one) => one <= run.endedAtMs)) {
      const proceeds = [false, true].every(
        (asFirst) => this.#verdictAt(ms, none, asFirst).kind === 'proceed',
      );
      if (!proceeds) since = Number.POSITIVE_INFINITY;
      else if (since === Number.POSITIVE_INFINITY) since = ms;
    }
    return since;
  }

  /**
   * Returns every time at which the verdict may change: the changes by people, and the bounds of the window
   * at that time.
   */
  #changePoints(): readonly number[] {
    const points = this.#truths.flatMap(({ atMs, issue }, index) => {
      const untilMs = this.#truths[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
      const bounds = boundsOf(issue, this.#rules(), this.#moment(atMs)).map((ms) => this.#virtual(ms));
      return [
        atMs,
        // The site reports its time in whole seconds, so an end takes effect up to a second later.
        ...bounds.flatMap((ms) => [ms, ms + secondMs]).filter((ms) => ms > atMs && ms < untilMs),
      ];
    });
    return points.sort((a, b) => a - b);
  }

  /** Since when a verdict may have changed that a run that ends at this time relies on (W8). */
  #pointsBefore(endMs: number): readonly number[] {
    const fromMs = endMs - oldestMs;
    return [fromMs, ...this.#changePoints().filter((ms) => ms > fromMs && ms <= endMs)];
  }

  /** @param asFirst use the fields' first names: until it proceeds, a run may still use them (P2) */
  #verdictAt(ms: number, hadFields = none, asFirst = false): Verdict {
    const issue = this.#truths.findLast(({ atMs }) => atMs <= ms)?.issue;
    if (issue === undefined) return { kind: 'stop', rule: 'F3' };
    const names = { ...issue.names, ...(asFirst && this.#firstNames) };
    return judge({ ...issue, names }, this.#rules(), { ...this.#moment(ms), hadFields });
  }

  /** W12: the ids of the planned fields that the checks of a run have shown. */
  #seenFields(run: SimulatedRun): ReadonlySet<string> {
    const siteNames = new Map(this.#site.fields.map(({ id, name }) => [id, name]));
    const reads = run.requests.filter(({ served, outcome }) => served !== undefined && outcome === 200);
    // The last one is the check that decided.
    const earlier = reads.slice(0, -1).map(({ text = '' }): unknown => JSON.parse(text));
    return new Set(earlier.flatMap((issue) => plannedIds(issue, this.#rules(), siteNames)));
  }

  #rules(): OracleRules {
    return {
      ...defaultRules,
      projects: ['CHG', 'OPS'],
      issueTypes: this.#scenario.typed ? ['[System] Change'] : undefined,
      timeZone: this.#site.timeZone,
    };
  }

  #moment(ms: number): OracleMoment {
    const limitMs = this.#real(this.#scenario.limitMinutes * minuteMs);
    return { nowMs: Math.floor(this.#real(ms) / secondMs) * secondMs, limitMs };
  }

  #real(virtualMs: number): number {
    return this.#site.siteClock.now() - this.#site.time.now + virtualMs;
  }

  #virtual(realMs: number): number {
    return realMs - (this.#site.siteClock.now() - this.#site.time.now);
  }

  /** Records the current state of the change request that the run uses (L10, L11). */
  #note(): void {
    const call = createCaller(this.#site);
    const answer = (key: string): Answer | undefined => {
      const { status, json } = call('GET', `/rest/api/2/issue/${key}?fields=*all&expand=names`);
      return status === 200 ? (json as Answer) : undefined;
    };
    const key = this.#subject();
    const isUsable =
      key === this.#first() || this.#site.openWithSummary(deploymentTitle).some((open) => open.key === key);
    this.#truths.push({ atMs: this.#site.time.now, issue: isUsable ? answer(key) : undefined });
  }

  /** The key of the change request that the run uses, or would use if it looked now (L10). */
  #subject(): string {
    let key = this.#first();
    if (this.#scenario.path === 'supplied') return key;
    for (;;) {
      const other = withdrawnFor(String(this.#site.find(key)?.values.get('summary') ?? ''));
      if (other === undefined) return key;
      // L11
      key = this.#site.find(other)?.key ?? other;
    }
  }

  /** The first change request of the site, under its current key. */
  #first(): string {
    return this.#site.storedIssues()[0]?.key ?? 'CHG-1';
  }

  #plan(key: string, names: readonly string[], fromNowMs: number | null): void {
    const name = names.find((one) => this.#site.fields.some((field) => field.name === one));
    if (name === undefined) return;
    this.#site.setField(key, name, fromNowMs === null ? null : this.#site.dateIn(fromNowMs));
  }

  #make(one: Change): void {
    const site = this.#site;
    const key = site.find(this.#subject())?.key;
    switch (one.kind) {
      case 'hidden':
        site.hideFields(...one.fields);
        return;
      case 'field-renamed':
        if (site.fields.some(({ name }) => name === one.from)) site.renameField(one.from, one.to);
        return;
      case 'field-added':
        this.#added += 1;
        site.addField({ id: `customfield_1090${this.#added}`, name: one.name, kind: 'datetime' });
        if (key !== undefined && one.fromThenMs !== null) {
          site.setField(key, `customfield_1090${this.#added}`, site.dateIn(one.fromThenMs));
        }
        return;
      default:
        if (key !== undefined) this.#makeTo(key, one);
    }
  }

  #makeTo(key: string, one: Exclude<Change, { kind: 'hidden' | 'field-renamed' | 'field-added' }>): void {
    const site = this.#site;
    switch (one.kind) {
      case 'status':
        site.moveTo(key, one.status);
        return;
      case 'planned': {
        const { field, fromThenMs } = one;
        if (!site.fields.some(({ name }) => name === field)) return;
        site.setField(key, field, typeof fromThenMs === 'number' ? site.dateIn(fromThenMs) : fromThenMs);
        return;
      }
      case 'moved':
        if (!key.startsWith(`${one.project}-`)) site.moveIssueToProject(key, one.project);
        return;
      case 'type':
        site.changeType(key, one.type);
        return;
      case 'retitled':
        // Whether that matters for one that a run may follow to depends on when it looks.
        if (key === this.#first()) site.editSummary(key, 'Another name');
        return;
      case 'deleted':
        site.remove(key);
        return;
      case 'withdrawn': {
        const { status } = one;
        if (this.#withdrawals === mostWithdrawals) return;
        this.#withdrawals += 1;
        const other =
          status === undefined
            ? 'CHG-77'
            : site.createRequest({ summary: deploymentTitle, lagged: false, status }).key;
        site.editSummary(key, `Withdrawn in favour of ${other}: ${deploymentTitle}`);
        return;
      }
    }
  }

  #variables(overrides: Readonly<Record<string, string>>): Record<string, string> {
    const { typed, flavour } = this.#scenario;
    const site = this.#site;
    return gateVariables(site, {
      'JsmChange.AllowedProjects': 'OPS',
      ...overrides,
      ...(typed && {
        // JSON is valid YAML.
        'JsmChange.Policy': JSON.stringify({
          version: 1,
          connections: [
            {
              name: 'Acme',
              baseUrl: site.baseUrl,
              username: flavour === 'dc' ? 'octopus' : 'octopus@acme.example',
              tokenVariable: 'JsmChange.Token',
            },
          ],
          projects: [{ name: '*', connection: 'Acme', serviceProject: 'CHG' }],
          environments: [{ name: '*' }],
          issueTypes: ['[System] Change'],
          allowedProjects: ['OPS'],
        }),
      }),
    });
  }
}
