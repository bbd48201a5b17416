import { gate, siteWith, supplied } from '../app/gate-run.ts';
import type { SimulatedRun } from '../simulation/simulate.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';

const minuteMs = 60_000;
const at = (time: string): Date => new Date(`2026-06-13T${time}:00Z`);

/** Runs that end in every possible way, as README.md shows them. */
export const endings: Readonly<Record<string, () => Promise<SimulatedRun>>> = {
  'a change request that is raised, approved and inside its window': () =>
    gate(
      new SimulatedSite({
        projects: [{ key: 'CHG', approvals: { Review: ['Ann Approver'] } }],
        onCreate: (model, key) =>
          model.after(10 * minuteMs, () => {
            model.setField(key, 'Planned start', at('09:00'));
            model.setField(key, 'Planned end', at('11:00'));
            model.moveTo(key, 'Implementing');
          }),
      }),
    ),
  'an environment that is not change controlled': () =>
    gate(new SimulatedSite(), { 'JsmChange.EnvironmentChangeControlled': 'False' }),
  'a status that blocks the deployment': () => {
    const { site, key } = siteWith({ status: 'Declined' });
    return gate(site, supplied(key));
  },
  'a single check of a change request that is not ready': () => {
    const { site, key } = siteWith({ status: 'Review' });
    return gate(site, { ...supplied(key), 'JsmChange.WhenPending': 'Fail' });
  },
  'the wait limit': () => {
    const { site, key } = siteWith({ status: 'Review' });
    return gate(site, { ...supplied(key), 'JsmChange.WaitLimitMinutes': '30' });
  },
  'a token that has expired': () => {
    const { site, key } = siteWith({}, { flavour: 'dc' });
    return gate(site, { ...supplied(key), 'JsmChange.Token': 'an-old-token' });
  },
};
