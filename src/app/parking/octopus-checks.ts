import { text } from '../../domain/text.ts';
import { Checklist, type TestLine } from '../connection-test/checklist.ts';
import type { OctopusProbe } from './ports.ts';

/** R7: tests what `Resume` needs from the Octopus server, and changes nothing. */
export async function octopusChecks(probe: OctopusProbe, spaceId: string): Promise<readonly TestLine[]> {
  const list = new Checklist();
  const version = await list.make('Octopus', async () => {
    const found = await probe.version();
    return ['pass', text`the server answers, version ${found}`, found];
  });
  if (version === undefined) return list.lines;
  const account = await list.make('Octopus login', async () => {
    const found = await probe.account();
    return ['pass', text`logged in as ${found}`, found];
  });
  if (account === undefined) return list.lines;
  await list.make('Octopus space', async () => {
    const name = (await probe.spaces()).get(spaceId);
    return name === undefined
      ? ['fail', text`the account does not see the space ${spaceId}: give it a role there`, undefined]
      : ['pass', text`${name} (${spaceId})`, undefined];
  });
  await list.make('parked deployments', async () => {
    await probe.mayListInterruptions();
    return ['pass', text`pending interruptions can be listed`, undefined];
  });
  return list.lines;
}
