import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gate } from '../app/gate-run.ts';
import { SimulatedSite } from '../simulation/simulated-site.ts';

const page = readFileSync(new URL('../../docs/change-managers.md', import.meta.url), 'utf8');

/** The first lines of the comments on the only change request. */
const firstLines = (site: SimulatedSite): readonly string[] =>
  site.issue('CHG-1').comments.map(({ body }) => body.split('\n')[0] ?? '');

it('[V3] docs/change-managers.md quotes exactly the comments that a deployment leaves', async () => {
  const comments = { 'JsmChange.CustomerComments': 'True' };
  const written = new Set<string>();
  for (const error of ['', 'Out of disk space']) {
    const site = new SimulatedSite();
    site.onCreate = (model, key) => model.after(60_000, () => model.moveTo(key, 'Implementing'));
    await gate(site, comments);
    await gate(site, {
      ...comments,
      'JsmChange.Operation': 'Report',
      'Octopus.Action[Change gate].Output.ChangeRequest.Number': 'CHG-1',
      'Octopus.Action[Change gate].Output.Decision': 'Proceed',
      'Octopus.Deployment.Error': error,
    });
    expect(firstLines(site)).toHaveLength(3);
    for (const line of firstLines(site)) written.add(line);
  }
  const quoted = [...page.matchAll(/`((?:The deployment|This change) [^`]+)`/g)].map(([, line]) => line);
  expect(quoted).toEqual([...written]);
});
