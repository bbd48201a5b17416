import { describe, expect, it } from 'vitest';
import { replayed } from '../../../scripts/replay/replayed-record.ts';
import { earlierGate, operate } from '../../operations/operation-run.ts';
import { gate, minuteMs, siteWith, supplied } from '../gate-run.ts';
import { leftRecord } from './left-record.ts';

const on = { 'JsmChange.EvidenceRecord': 'True' };

/** The text of a page, with one line per cell. */
function textOf(html: string): string {
  return html
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replace(/<(?:\/t[dh]|\/d[dt]|\/p|br)>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&quot;', '"');
}

describe("the change record's page", () => {
  it('[E5] says where the change request came from, that it has no window, and what was written', async () => {
    const { site } = siteWith({ summary: 'Another change' });
    const run = await gate(site, on, { at: [[5 * minuteMs, () => site.moveTo('CHG-2', 'Implementing')]] });
    expect(run.exitCode).toBe(0);
    const text = textOf(leftRecord(run).html);
    expect(text).toMatch(/^Source\nraised by this step$/m);
    expect(text).toMatch(/^T2\nnone$/m);
    expect(text).toMatch(/^summary: Octopus: Deploy "Web Site" version \S+ to "Production"$/m);
    expect(text).toMatch(/^description: .*\n\nProject: Web Site$/m);
    expect(text).toMatch(/^Require planned end\nno$/m);
    expect(text).toContain('The rules, such as W1, are in docs/rules.md of jsm-change-gate ');
    expect(text).not.toMatch(/[{}]|Other than/);
  });

  it.each([
    ['Verify', 'Proceed'],
    ['Gate', 'Pending'],
  ] as const)('[E5] [O4] says that %s used the number of an earlier step', async (operation, decision) => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const run = await operate(site, operation, { ...on, ...earlierGate(key, decision) });
    expect(textOf(leftRecord(run).html)).toMatch(/^Source\nleft by an earlier step of this run$/m);
    const byTitle = await operate(site, operation, on);
    expect(textOf(leftRecord(byTitle).html)).toMatch(/^Source\nfound by its title$/m);
  });

  it('[E4] [E5] does not say that a comment that Jira refused contains the digest', async () => {
    const { site, key } = siteWith({ status: 'Implementing' });
    const comments = { ...on, ...supplied(key), 'JsmChange.CustomerComments': 'True' };
    const done = leftRecord(await gate(site, comments)).html;
    expect(textOf(done)).toContain(
      'The comment that announces the start of the deployment contains the digest',
    );
    const other = siteWith({ status: 'Implementing' });
    other.site.behaviour.permissions.comment = false;
    const run = await gate(other.site, comments);
    expect(run.exitCode).toBe(0);
    const { html, record } = leftRecord(run);
    expect(textOf(html)).not.toContain('contains the digest');
    expect(replayed(record).map(({ says }) => says)).toContain(
      'digest of the record up to this entry; Jira refused the comment that contains it',
    );
  });

  it('[E5] shows a window with one end, and whose approval does not count', async () => {
    const { site, key } = siteWith({
      status: 'Implementing',
      fields: { 'Planned end': '2026-06-14T08:00:00Z' },
    });
    const run = await gate(site, { ...on, ...supplied(key), 'JsmChange.ApprovalCheck': 'OtherApprover' });
    const text = textOf(leftRecord(run).html);
    expect(text).toContain('until 2026-06-14 08:00:00 UTC');
    expect(text).toMatch(/^Other than\ndana@acme\.example, dana$/m);
  });
});
