import { describe, expect } from 'vitest';
import type { FaultOrder } from '../sandbox/fault.ts';
import type { NewRequest } from '../sandbox/model.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import type { SandboxOptions } from '../sandbox/server.ts';
import { field, number, scenario } from './scenario.ts';

interface Case {
  /** The change requests with the deployment's title. */
  readonly raised?: readonly Partial<NewRequest>[];
  /** Whether the number of the first one is supplied. */
  readonly isSupplied?: boolean;
  readonly variables?: Readonly<Record<string, string>>;
  readonly site?: SandboxOptions & { readonly speed?: number };
}

const fail = { 'JsmChange.WhenPending': 'Fail' };
const later = new Date('2099-01-01T00:00:00Z');
const earlier = new Date('2020-01-01T00:00:00Z');
const refused = (method: FaultOrder['method'], path: RegExp, status: number): FaultOrder => ({
  fault: { kind: 'status', status, body: '{"errorMessages":["No."],"errors":{}}' },
  ...(method !== undefined && { method }),
  path,
});

function supplied(given: Partial<NewRequest>, variables: Record<string, string> = {}): Case {
  return { raised: [given], isSupplied: true, variables };
}

const cases: readonly (readonly [code: string, decision: string, what: string, Case])[] = [
  [
    'NotChangeControlled',
    'NotRequired',
    'S1',
    { variables: { 'JsmChange.ProjectChangeControlled': 'False' } },
  ],
  ['Approved', 'Proceed', 'T1', supplied({ status: 'Implementing' })],
  ['AwaitingApproval', 'Stop', 'P1', supplied({ status: 'Review' }, fail)],
  [
    'AwaitingPlannedStart',
    'Stop',
    'P1',
    supplied({ status: 'Implementing', fields: { 'Planned start': new Date(Date.now() + 600_000) } }, fail),
  ],
  [
    'AwaitingPlannedStart',
    'Stop',
    'W13',
    supplied({ status: 'Implementing', fields: { 'Planned start': later } }),
  ],
  ['Refused', 'Stop', 'T3', supplied({ status: 'Declined' })],
  ['WindowClosed', 'Stop', 'W7', supplied({ status: 'Implementing', fields: { 'Planned end': earlier } })],
  [
    'WindowUnknown',
    'Stop',
    'W11',
    supplied({ status: 'Implementing', fields: { 'Planned start': later, 'Planned end': earlier } }),
  ],
  ['NotFound', 'Stop', 'L3', { variables: { [number]: 'CHG-404' } }],
  ['NotFound', 'Stop', 'V1', { variables: { 'JsmChange.Operation': 'Verify' } }],
  [
    'NotAllowed',
    'Stop',
    'L4',
    {
      ...supplied({ project: 'HR', status: 'Implementing' }),
      site: { projects: [{ key: 'CHG' }, { key: 'HR' }] },
    },
  ],
  ['SeveralFound', 'Stop', 'L8', { raised: [{}, {}], site: { speed: 20 } }],
  ['Withdrawn', 'Stop', 'L10', supplied({ summary: `Withdrawn in favour of CHG-7: ${deploymentTitle}` })],
  [
    'NotRaised',
    'Error',
    'C5',
    { site: { speed: 4, faults: [refused('POST', /\/servicedeskapi\/request$/, 400)] } },
  ],
  ['InputInvalid', 'Error', 'I3', { variables: { 'JsmChange.PollIntervalSeconds': 'soon' } }],
  ['InputInvalid', 'Stop', 'L2', { variables: { [number]: 'the usual one' } }],
  ['InputInvalid', 'Error', 'L15', { variables: { [field('Impact')]: '#{Impact}' } }],
  ['LoginFailed', 'Error', 'F3', supplied({}, { 'JsmChange.Token': 'an-old-token' })],
  [
    'PermissionMissing',
    'Error',
    'F3',
    { ...supplied({}), site: { faults: [refused('GET', /\/issue\//, 403)] } },
  ],
  [
    'Unreachable',
    'Error',
    'F2',
    {
      ...supplied({}, { 'JsmChange.OutageMinutes': '0' }),
      site: { speed: 20, faults: [refused('GET', /./, 503)] },
    },
  ],
  [
    'TimedOut',
    'TimedOut',
    'P4',
    { ...supplied({ status: 'Review' }, { 'JsmChange.WaitLimitMinutes': '1' }), site: { speed: 20 } },
  ],
];

describe('DecisionCode', () => {
  scenario.for(cases)(
    '[O2] [O3] is %s with the decision %s (%s)',
    async ([code, decision, , { raised = [], isSupplied, variables, site = {} }], { jsm }) => {
      const { raise, run } = await jsm(site);
      const [first = ''] = raised.map((given) => raise({ lagged: false, ...given }));
      const ended = await run({ ...(isSupplied === true && { [number]: first }), ...variables });
      expect(ended.outputs).toMatchObject({ Decision: decision, DecisionCode: code });
      expect(ended.exitCode).toBe(['Proceed', 'NotRequired'].includes(decision) ? 0 : 1);
    },
  );

  scenario('[O2] [F6] is Cancelled after a signal', async ({ jsm }) => {
    const { raise, start, afterChecks } = await jsm();
    const key = raise({ status: 'Review' });
    const running = start({ [number]: key });
    afterChecks(1, () => setImmediate(() => running.process.kill('SIGTERM')));
    expect((await running.ended).outputs).toMatchObject({ Decision: 'Error', DecisionCode: 'Cancelled' });
  });

  scenario('[O2] is not set by Report or Test', async ({ jsm }) => {
    const { raise, run } = await jsm();
    const key = raise({ status: 'Implementing' });
    for (const operation of ['Report', 'Test']) {
      const ended = await run({ 'JsmChange.Operation': operation, [number]: key });
      expect(ended.outputs['DecisionCode']).toBeUndefined();
    }
  });
});
