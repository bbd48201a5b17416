import { expect, it } from 'vitest';
import { leftRecord } from '../app/evidence/left-record.ts';
import { gate, hourMs, minuteMs, siteWith, supplied } from '../app/gate-run.ts';
import { plannedEndId, plannedStartId } from '../sandbox/defaults.ts';
import { describeInBrowser } from './describe-in-browser.ts';

const hostile =
  '</style><script>fetch("https://evil.example")</script><img src=https://evil.example/x.png onerror=alert(1)>' +
  '<a href="https://evil.example">#{Octopus.Project.Name}</a> \u202Eexe.txt"\'&amp;';

/** The page of a run that waits, with a title and a project that try to be more than text. */
async function page(): Promise<string> {
  const { site, key } = siteWith({ summary: hostile });
  const run = await gate(
    site,
    {
      'JsmChange.EvidenceRecord': 'True',
      ...supplied(key),
      'Octopus.Project.Name': hostile,
      'JsmChange.CustomerComments': 'True',
    },
    {
      at: [
        [20 * minuteMs, () => site.setField(key, plannedStartId, site.dateIn(hourMs))],
        [20 * minuteMs, () => site.setField(key, plannedEndId, site.dateIn(3 * hourMs))],
        [30 * minuteMs, () => site.moveTo(key, 'Implementing')],
      ],
    },
  );
  expect(run.exitCode).toBe(0);
  return leftRecord(run).html;
}

describeInBrowser("the change record's page", (open) => {
  it('[E5] shows a hostile title as text, and requests nothing', async () => {
    const html = await page();
    const tags = html.match(/<[a-z][^>]*>/gi) ?? [];
    expect(
      tags.filter((tag) => /^<(?:script|img|link|iframe|object|base|form)|\s(?:on\w+|src)=/i.test(tag)),
    ).toEqual([]);
    expect(html.match(/<\/style>/g)).toHaveLength(1);
    expect(html).not.toMatch(/url\(|@import/);
    const { page: shown, problems } = await open({ html });
    const text: string = await shown.evaluate('document.body.innerText');
    expect(text).toContain('<script>fetch("https://evil.example")</script>');
    expect(text).toContain('\\u{202e}exe.txt');
    expect(await shown.evaluate('document.scripts.length + document.images.length')).toBe(0);
    const links: string[] = await shown.evaluate('[...document.links].map((link) => link.href)');
    expect(
      links.filter((link) => !/^https:\/\/(acme\.atlassian\.net|octopus\.acme\.example)\//.test(link)),
    ).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('[E5] names the verdict, each status with its times, the window and the rules in words', async () => {
    const { page: shown } = await open({ html: await page() });
    const text: string = await shown.evaluate('document.body.innerText');
    for (const part of [
      'Proceed: The deployment was allowed to proceed',
      'CHG-1: Review 2026-06-13 08:00:00 UTC to 2026-06-13 08:30',
      'CHG-1: Implementing 2026-06-13 08:30',
      'Change window 2026-06-13 09:20:00 UTC to 2026-06-13 11:20:00 UTC',
      'proceed: approved in window',
      'Dana Deployer',
      'npm run replay',
    ]) {
      expect(text).toContain(part);
    }
  });

  it.each([{ screen: 'phone' }, { screen: 'desk' }] as const)('[E5] fits the screen: %o', async (how) => {
    const { overflow, problems } = await open({ html: await page() }, { ...how, colours: 'dark' });
    expect(await overflow()).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
  });

  it('[E5] prints without cutting anything off', async () => {
    const { page: shown } = await open({ html: await page() });
    await shown.emulateMedia({ media: 'print' });
    await shown.setViewportSize({ width: 700, height: 1000 });
    expect(await shown.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(700);
    expect((await shown.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
  });
});
