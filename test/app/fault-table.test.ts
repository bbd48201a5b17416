import { describe, expect, it } from 'vitest';
import { faultCatalogue } from '../sandbox/fault.ts';
import { unseenApproval } from '../simulation/fault-model.ts';
import { type Path, paths, requiredOn, runPath } from '../simulation/one-fault-model.ts';
import { type FaultyServer, purposesOf, runPass, servers } from '../simulation/one-fault-pass.ts';
import type { SimulatedRun } from '../simulation/simulate.ts';
import type { SimulatedRequest } from '../simulation/simulated-network.ts';

async function runChecked(...given: Parameters<typeof runPath>): Promise<SimulatedRun> {
  const { run, open } = await runPath(...given);
  expect(unseenApproval(run, requiredOn(given[0]))).toBeUndefined();
  expect(open).toBeLessThanOrEqual(1);
  return run;
}

/** The purpose of a request, in the words of the table. */
function purpose({ method, path, query }: SimulatedRequest): string {
  if (path.includes('/search')) return 'search';
  if (path.endsWith('/approval')) return 'approvers';
  if (path.endsWith('/request')) return 'create';
  if (path.includes('/servicedesk/')) return 'form';
  if (method === 'GET' && query.includes('failFast')) return 'check';
  return path.endsWith('/CHG-1') ? 'neighbour' : 'read by key';
}

/** The requests of a run without faults; later checks are all alike. */
async function requestsOf(path: Path): Promise<readonly string[]> {
  const run = await runChecked(path);
  expect(run.exitCode).toBe(0);
  const purposes = run.requests.map(purpose);
  return purposes.slice(0, purposes.indexOf('check') + 5);
}

const outcomes: Readonly<Record<string, string>> = { Proceed: 'p', Stop: 'S', Error: 'E', TimedOut: 'T' };

async function tableOf(path: Path): Promise<readonly string[]> {
  const requests = await requestsOf(path);
  const head = ['Fault', ...requests.map((name, index) => `${index + 1} ${name}`)];
  const rows: string[][] = [];
  for (const [name, fault] of Object.entries(faultCatalogue)) {
    const row = [name];
    for (let at = 1; at <= requests.length; at += 1) {
      const run = await runChecked(path, { fault, at });
      row.push(outcomes[run.outputs['Decision'] ?? ''] ?? '?');
    }
    rows.push(row);
  }
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

describe('each fault at each request of each path', () => {
  it('[F7][R5] ends as docs/fault-table.md says, and never proceeds on an approval that it did not see', async () => {
    const sections: string[] = [];
    for (const path of paths) sections.push(`## ${title[path]}`, '', ...(await tableOf(path)), '');
    sections.push(...passIntroduction);
    for (const flavour of ['cloud', 'dc'] as const) {
      for (const server of servers) {
        sections.push(
          `### ${passTitle[flavour]}: faults of ${server}`,
          '',
          ...(await passTable(flavour, server)),
          '',
        );
      }
    }
    await expect([...introduction, ...sections].join('\n')).toMatchFileSnapshot('../../docs/fault-table.md');
  }, 900_000);
});

async function passTable(flavour: 'cloud' | 'dc', server: FaultyServer): Promise<readonly string[]> {
  const whole = await runPass(flavour);
  expect([whole.run.exitCode, whole.answered, whole.breaches]).toEqual([0, 'all', []]);
  const requests = purposesOf(whole.run, server);
  const head = ['Fault', ...requests.map((name, index) => `${index + 1} ${name}`)];
  const rows: string[][] = [];
  for (const [name, fault] of Object.entries(faultCatalogue)) {
    const row = [name];
    for (let at = 1; at <= requests.length; at += 1) {
      const { run, answered, breaches } = await runPass(flavour, { server, fault, at });
      expect([name, at, breaches]).toEqual([name, at, []]);
      row.push(
        `${answered === 'all' ? 'a' : answered === 'some' ? 's' : 'n'}${run.exitCode === 0 ? '' : ' E'}`,
      );
    }
    rows.push(row);
  }
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

const passTitle = { cloud: 'Jira Cloud', dc: 'Jira Data Center' } as const;

const passIntroduction = [
  '## A pass of Resume',
  '',
  'Four deployments are parked: two change requests are approved, one is declined, one waits. The fault occurs once, at',
  'that request to that server. **a**: the pass answers all three that it can. **s**: it answers some. **n**: it answers',
  'none. **E**: it ends with 1. Whatever is left, the next pass answers; nothing is ever answered without a check that',
  'says so, and nothing is answered twice.',
  '',
];

const title: Readonly<Record<Path, string>> = {
  supplied: 'A supplied change request',
  matched: 'A change request that is found by its title',
  created: 'A change request that the run raises',
  checked: 'A supplied change request that somebody other than who deploys must have approved',
};

const introduction = [
  '# What one fault does to a run',
  '',
  'For security reviewers and maintainers: how a run ends after each fault at each of its requests.',
  '',
  'Each fault occurs once, at the request with the number of its column; then the site works again. The change request',
  'is approved four minutes after the run began. **p**: the run continues, and proceeds once it has seen the approval.',
  '**E**: it ends with `Error`. **S**: it ends with `Stop`. It never exits with 0 without having seen the approval, and',
  'never leaves two change requests open. "After the work" means that the site did what it was asked to do, and the',
  'answer was lost. `test/app/fault-table.test.ts` writes and checks this file.',
  '',
];
