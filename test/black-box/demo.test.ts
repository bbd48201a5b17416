import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function demo(...options: string[]): Promise<string> {
  const words = ['--import', 'tsx', 'scripts/demo.ts', '--speed', '10', ...options];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, words, { cwd: root });
  expect(stderr).toBe('');
  return stdout;
}

describe('the demo', () => {
  it('shows a gated deployment from the creation of its change request to its start', async () => {
    const shown = await demo();
    const story = [
      'Raised the change request CHG-1',
      'CHG-1 is now Planning',
      'CHG-1 is now Authorize',
      'CHG-1 is now Awaiting implementation',
      'CHG-1 is now Implementing',
      'waiting for its Planned start',
      '\nTask Summary\n',
      'Output variables',
      'The deployment proceeds: Proceed, exit code 0',
      'Change record: the artifacts of the deployment',
      'Recomputed: ',
      'npm run replay -- reports/change-record-CHG-1.json',
      'npm run try',
    ];
    const places = story.map((part) => shown.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((left, right) => left - right));
    expect(shown).toMatch(/Recomputed: ([5-9]|\d\d) of \1 checks and decisions confirmed/);
    expect(shown).not.toContain('WRONG');
    // The output is not a terminal, so there are no colours. A person sees no service message.
    expect(shown).not.toMatch(/\u001b|##octopus/);
  });

  it('shows with a policy what customers and approvers read on the change request', async () => {
    const shown = await demo('--policy');
    expect(shown).toMatch(/CHG-1 in JSM: Completed/);
    expect(shown.match(/Octopus Deploy \(public\):/g)).toHaveLength(3);
  });

  it('shows six parked deployments and how each of them ends', async () => {
    const shown = await demo('--parked');
    const happened = (who: string, what: RegExp): number =>
      shown.split('\n').findIndex((line) => line.includes(`${who} `) && what.test(line));
    const all = happened('Octopus', /all six are parked: both slots are free/);
    expect(all).toBeGreaterThan(0);
    expect(shown.split('\n')[all]).toMatch(/^ *\d+:\d\d {2}□□ {2} {6} {2}·{6} /);
    for (const project of ['Web Shop', 'Payroll', 'Warehouse', 'Search', 'Billing']) {
      expect(happened(project, /parked: CHG-\d is Review/)).toBeGreaterThan(0);
      expect(happened(project, /deployed \(Success\)/)).toBeGreaterThan(
        happened('JSM', new RegExp(`\\(${project}\\) is approved`)),
      );
    }
    expect(happened('Intranet', /aborted, nothing was deployed \(Failed\)/)).toBeGreaterThan(
      happened('JSM', /\(Intranet\) is declined/),
    );
    expect(shown).toMatch(/slots used \|[012]+\|/);
    expect(shown).toContain('Five deployments continued');
  });
});
