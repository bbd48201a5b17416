import { gate, siteWith, supplied } from '../app/gate-run.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import type { SimulatedRun } from '../simulation/simulate.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';

const minuteMs = 60_000;
const at = (time: string): Date => new Date(`2026-06-13T${time}:00Z`);

type Variables = Readonly<Record<string, string>>;
type Site = ReturnType<typeof siteWith>['site'];

const fail: Variables = { 'JsmChange.WhenPending': 'Fail' };
const verify: Variables = { 'JsmChange.Operation': 'Verify' };
const otherApprover: Variables = { 'JsmChange.ApprovalCheck': 'OtherApprover' };
const policy = `version: 1
connections:
  - { name: Acme, baseUrl: https://acme.atlassian.net, username: octopus@acme.example, tokenVariable: JsmChange.Token }
projects:
  - { name: Web Site, connection: Acme, serviceProject: CHG, requestType: Request a change }
environments:
  - { name: Production }
`;

/** A run with a supplied number, at a site with that change request in this status. */
function byNumber(
  status: string,
  variables: Variables = {},
  prepare: (site: Site, key: string) => void = () => undefined,
  summary = deploymentTitle,
): () => Promise<SimulatedRun> {
  return () => {
    const { site, key } = siteWith({ status, summary });
    prepare(site, key);
    return gate(site, { ...supplied(key), ...variables });
  };
}

/** The same, with planned times. */
function inWindow(
  status: string,
  fields: Readonly<Record<string, unknown>>,
  variables: Variables = {},
): () => Promise<SimulatedRun> {
  return byNumber(status, variables, (site, key) => {
    for (const [name, value] of Object.entries(fields)) site.setField(key, name, value);
  });
}

function approve(site: Site, key: string, who: string): void {
  site.setApproval(key, { finalDecision: 'approved', approvers: { [who]: 'approved' } });
}

/** A run that finds its change request by title. */
function byTitle(status: string, variables: Variables = {}): () => Promise<SimulatedRun> {
  return () => gate(siteWith({ status }).site, variables);
}

/** Every ending, by the run that produces it. */
export const endings: Readonly<Record<string, Readonly<Record<string, () => Promise<SimulatedRun>>>>> = {
  'The deployment proceeds': {
    'a change request that is raised, approved and inside its window': () =>
      gate(
        new SimulatedSite({
          projects: [{ key: 'CHG', approvals: { Review: ['Ann Approver'] } }],
          onCreate: (model, key) =>
            model.after(10 * minuteMs, () => {
              model.setField(key, 'Planned start', at('09:00'));
              model.setField(key, 'Planned end', at('11:00'));
              model.decide(key, 'Ann Approver', 'approved');
              model.moveTo(key, 'Implementing');
            }),
        }),
      ),
    'a change request that is found by its title': byTitle('Implementing'),
    'a supplied change request that was approved beforehand': byNumber('Implementing', {}, (site, key) =>
      approve(site, key, 'Ann Approver'),
    ),
    'a supplied change request about something else': byNumber(
      'Implementing',
      {},
      undefined,
      'Replace the coffee machine',
    ),
    'a change request with all approvals given that nobody moves for an hour': () => {
      const { site, key } = siteWith({ status: 'Authorize' });
      approve(site, key, 'Ann Approver');
      return gate(site, supplied(key), {
        at: [[60 * minuteMs, () => site.moveTo(key, 'Implementing')]],
      });
    },
    'Verify, in the middle of a deployment': byNumber('Implementing', verify),
    'an environment that is not change controlled': () =>
      gate(new SimulatedSite(), { 'JsmChange.EnvironmentChangeControlled': 'False' }),
    'a project that the policy does not name': () =>
      gate(new SimulatedSite(), { 'JsmChange.Policy': policy, 'Octopus.Project.Name': 'Shop' }),
  },
  'It is not approved': {
    'a single check of a change request that is not ready': byNumber('Review', fail, (site, key) =>
      site.setApproval(key, { approvers: { 'Ann Approver': 'approved', 'Bob Board': 'pending' } }),
    ),
    'a single check when every approval is given': byNumber('Review', fail, (site, key) =>
      approve(site, key, 'Ann Approver'),
    ),
    'the wait limit': byNumber('Review', { 'JsmChange.WaitLimitMinutes': '30' }),
    'Verify of a change request that is not approved': byNumber('Review', verify),
    'a supplied change request that was declined': byNumber('Declined', {}, (site, key) =>
      site.setApproval(key, { finalDecision: 'declined', approvers: { 'Bob Board': 'declined' } }),
    ),
    'a change request found by its title and declined while the run waits': () => {
      const { site, key } = siteWith();
      return gate(site, {}, { at: [[minuteMs, () => site.moveTo(key, 'Declined')]] });
    },
    'a change request raised by the run and then declined': () => {
      const site = new SimulatedSite({
        onCreate: (model, key) => model.after(10 * minuteMs, () => model.moveTo(key, 'Declined')),
      });
      return gate(site);
    },
    'a retried step whose change request was declined': async () => {
      const site = new SimulatedSite({
        onCreate: (model, key) => model.after(10 * minuteMs, () => model.moveTo(key, 'Declined')),
      });
      await gate(site);
      return gate(site);
    },
  },
  'The approval check': {
    'a missing approval': byNumber('Implementing', { ...otherApprover, ...fail }, (site, key) =>
      site.setApproval(key, { approvers: { 'Bob Board': 'pending' } }),
    ),
    'an approval by the person who deploys': byNumber(
      'Implementing',
      { ...otherApprover, ...fail },
      (site, key) => {
        Object.assign(site.account('Dana Deployer'), { emailAddress: 'dana@acme.example' });
        approve(site, key, 'Dana Deployer');
      },
    ),
    'an approval by somebody whose address Jira hides': byNumber(
      'Implementing',
      { ...otherApprover, ...fail },
      (site, key) => {
        site.account('Ann Approver').hidesEmail = true;
        approve(site, key, 'Ann Approver');
      },
    ),
    'an approval that was declined': byNumber('Implementing', otherApprover, (site, key) =>
      site.setApproval(key, { finalDecision: 'declined', approvers: { 'Bob Board': 'declined' } }),
    ),
    'no approval at all': byNumber('Implementing', otherApprover),
    'a person who deploys without an email address': byNumber('Implementing', {
      ...otherApprover,
      'Octopus.Deployment.CreatedBy.EmailAddress': '',
    }),
    'approvals that the account may not see': byNumber('Implementing', otherApprover, (site) => {
      site.behaviour.permissions.seeApprovals = false;
    }),
  },
  'Its window': {
    'approved before Planned start, with a single check': inWindow(
      'Implementing',
      { 'Planned start': at('10:00') },
      fail,
    ),
    'Verify before Planned start': inWindow('Implementing', { 'Planned start': at('10:00') }, verify),
    'a Planned start beyond the wait limit': inWindow('Implementing', {
      'Planned start': new Date('2026-06-20T10:00:00Z'),
    }),
    'a Planned start beyond the wait limit, with a single check': inWindow(
      'Implementing',
      { 'Planned start': new Date('2026-06-20T10:00:00Z') },
      fail,
    ),
    'approved after Planned end': inWindow('Implementing', { 'Planned end': at('07:00') }),
    'not approved before Planned end': inWindow('Review', { 'Planned end': at('09:00') }),
    'Planned start after Planned end': inWindow('Implementing', {
      'Planned start': at('11:00'),
      'Planned end': at('09:00'),
    }),
    'a planned date that is not a date': inWindow('Implementing', { 'Planned start': 'next Friday' }),
    'a missing planned field': byNumber('Implementing', {
      'JsmChange.PlannedStartField': 'Go live',
    }),
    'no Planned end, which the policy requires': byNumber('Implementing', {
      'JsmChange.Policy': `${policy}requirePlannedEnd: true\n`,
    }),
  },
  'Which change request it is': {
    'a supplied number that does not exist': () => gate(new SimulatedSite(), supplied('CHG-99')),
    'a supplied value that is not a change request number': () =>
      gate(new SimulatedSite(), supplied('tomorrow')),
    'a supplied change request of another project': () => {
      const site = new SimulatedSite({ projects: [{ key: 'CHG' }, { key: 'HR' }] });
      const { key } = site.createRequest({ project: 'HR', summary: 'x', status: 'Implementing' });
      return gate(site, supplied(key));
    },
    'a supplied change request without the required texts': byNumber(
      'Implementing',
      { 'JsmChange.SuppliedMustMention': 'Web Site\n1.0.1' },
      undefined,
      'Replace the coffee machine',
    ),
    'the same under a policy': byNumber(
      'Implementing',
      { 'JsmChange.Policy': `${policy}suppliedMustMention: [project, release]\n` },
      undefined,
      'Replace the coffee machine',
    ),
    'a supplied change request that was withdrawn': byNumber(
      'Implementing',
      {},
      undefined,
      `Withdrawn in favour of CHG-7: ${deploymentTitle}`,
    ),
    'several with the same title': () => {
      const { site } = siteWith();
      site.createRequest({ summary: deploymentTitle, lagged: false });
      return gate(site);
    },
    'Verify without a change request': () => gate(new SimulatedSite(), verify),
  },
  'Something is wrong': {
    'a token that has expired': () => {
      const { site, key } = siteWith({}, { flavour: 'dc' });
      return gate(site, { ...supplied(key), 'JsmChange.Token': 'an-old-token' });
    },
    'several invalid parameters': () =>
      gate(new SimulatedSite(), { 'JsmChange.BaseUrl': 'acme', 'JsmChange.PollIntervalSeconds': 'often' }),
    'a request type that does not exist': () =>
      gate(new SimulatedSite(), { 'JsmChange.RequestType': 'Ask nicely' }),
    'an account that may not raise requests': () =>
      gate(new SimulatedSite({ permissions: { create: false } })),
    'a request that Jira refuses': () => {
      const site = new SimulatedSite();
      site.faults.add({ fault: { kind: 'status', status: 400 }, method: 'POST', path: /api\/request$/ });
      return gate(site);
    },
    'a site that cannot be reached': () => {
      const { site, key } = siteWith();
      site.faults.add({ fault: { kind: 'status', status: 503 } });
      return gate(site, supplied(key));
    },
    'a run that is cancelled': () => {
      const { site, key } = siteWith();
      return gate(site, supplied(key), { terminateMs: minuteMs });
    },
  },
};
