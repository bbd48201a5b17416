import { describe, expect, it } from 'vitest';
import type { SimulatedRun } from '../simulation/simulate.ts';
import { endings } from './endings.ts';

const introduction = [
  '# Every ending, in words',
  '',
  'For release managers: every way in which a run ends, in the words of the task log.',
  '',
  'Each section describes a run and shows how it ends in the task log: the highlighted lines of the Task Summary and, if the deployment does not proceed, the message that the step fails with. `test/docs/endings.test.ts` performs the runs, and writes and checks this page.',
];

/** Links to each group, since the page is long. */
const contents = Object.keys(endings)
  .map((group) => `[${group}](#${group.toLowerCase().replaceAll(' ', '-')})`)
  .join(' - ');

function shown(number: number, title: string, run: SimulatedRun): readonly string[] {
  const { Decision, DecisionCode } = run.outputs;
  const seconds = Math.round((run.endedAtMs - run.startedAtMs) / 1000);
  const warnings = run.said.filter(({ level }) => level === 'warning').map(({ line }) => `! ${line}`);
  return [
    `### ${number}. ${title[0]?.toUpperCase()}${title.slice(1)}`,
    '',
    `\`${Decision}\`, \`${DecisionCode}\`, exit code ${run.exitCode}, after ${seconds} s`,
    '',
    '```text',
    ...run.summary.map((line) => `> ${line}`),
    ...warnings.filter((line) => !run.summary.includes(line.slice(2))),
    ...(run.resultMessage === undefined ? [] : ['', run.resultMessage]),
    '```',
    '',
  ];
}

describe('the page of endings', () => {
  it('[M1] [M2] shows each ending next to its run, with its code', async () => {
    const page: string[] = [...introduction, '', contents, ''];
    const codes = new Set<string>();
    let number = 0;
    for (const [group, runs] of Object.entries(endings)) {
      page.push(`## ${group}`, '');
      for (const [title, make] of Object.entries(runs)) {
        number += 1;
        const run = await make();
        codes.add(run.outputs['DecisionCode'] ?? '');
        // A stop must give its reader advice.
        if (run.exitCode !== 0) expect(run.resultMessage?.split(/[.:] /).length).toBeGreaterThan(1);
        page.push(...shown(number, title, run));
      }
    }
    await expect(page.join('\n')).toMatchFileSnapshot('../../docs/endings.md');
    expect([...codes].sort()).toEqual([
      'ApprovalMissing',
      'Approved',
      'AwaitingApproval',
      'AwaitingPlannedStart',
      'Cancelled',
      'InputInvalid',
      'LoginFailed',
      'NotAllowed',
      'NotChangeControlled',
      'NotFound',
      'NotRaised',
      'PermissionMissing',
      'Refused',
      'SeveralFound',
      'TimedOut',
      'Unreachable',
      'WindowClosed',
      'WindowUnknown',
      'Withdrawn',
    ]);
  }, 60_000);
});
