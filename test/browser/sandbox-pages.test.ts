import { afterEach, expect, it } from 'vitest';
import { Pages } from '../sandbox/pages/pages.ts';
import { type Sandbox, startSandbox } from '../sandbox/server.ts';
import { describeInBrowser } from './describe-in-browser.ts';

const hostile = `</title><script>document.body.remove()</script><img src=x onerror="alert(1)"> ${'W'.repeat(200)}`;
const started: Sandbox[] = [];

async function start(): Promise<Sandbox> {
  const sandbox = await startSandbox({
    projects: [{ key: 'CHG', approvals: { Review: ['Ann Approver'] } }],
    pages: (site) => new Pages(site),
  });
  started.push(sandbox);
  const { key } = sandbox.site.createRequest({ summary: hostile, description: hostile });
  sandbox.site.addComment(sandbox.site.issue(key), sandbox.site.octopus, hostile, true);
  return sandbox;
}

afterEach(async () => {
  for (const sandbox of started.splice(0)) await sandbox.close();
});

describeInBrowser('The pages of the sandbox in a browser', (open) => {
  it.each(['desk', 'phone'] as const)('show hostile text as text, and fit a %s', async (screen) => {
    const { url } = await start();
    for (const path of ['/', '/browse/CHG-1']) {
      const view = await open({ url: url + path }, { screen });
      expect(await view.page.textContent('main')).toContain(hostile);
      expect(await view.page.locator('img').count()).toBe(0);
      expect(await view.overflow()).toBe(0);
      expect(view.problems).toEqual([]);
    }
  });

  it('work with only the keyboard, and keep the focus', async () => {
    const { url, site } = await start();
    const { page, problems } = await open({ url: `${url}/browse/CHG-1` });
    const focused = () => page.evaluate<string>('document.activeElement.textContent');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('All change requests');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Approve as Ann Approver');
    await page.keyboard.press('Enter');
    await page.getByText('Ann Approver: approved').waitFor();
    expect(site.issue('CHG-1').status.name).toBe('Planning');
    // The buttons are gone, but the focus stays where it was.
    expect(await focused()).toContain('Approvals');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Request approval → Authorize');
    await page.keyboard.press('Space');
    await page.locator('#facts', { hasText: 'Authorize' }).waitFor();
    expect(site.issue('CHG-1').status.name).toBe('Authorize');
    expect(problems).toEqual([]);
  });

  it('show changes by others without a reload, and leave alone what is being typed', async () => {
    const { url, site } = await start();
    const { page, problems } = await open({ url: `${url}/browse/CHG-1` });
    await page.getByLabel('Planned end (UTC)').fill('2026-06-14T10:00:00');
    site.moveTo('CHG-1', 'Implementing');
    await page.locator('#facts', { hasText: 'Implementing' }).waitFor();
    expect(await page.getByLabel('Planned end (UTC)').inputValue()).toContain('2026-06-14T10:00');
    await page.getByRole('button', { name: 'Set the window' }).click();
    await page.locator('#facts', { hasText: '2026-06-14 10:00:00 UTC' }).waitFor();
    expect(problems).toEqual([]);
  });

  it('work without scripts', async () => {
    const { url, site } = await start();
    const { page, problems } = await open({ url: `${url}/browse/CHG-1` }, { scripts: false });
    await page.getByRole('button', { name: 'Decline as Ann Approver' }).click();
    expect(await page.locator('#facts').textContent()).toContain('Declined');
    await page.getByRole('button', { name: 'Break the site for a minute' }).click();
    expect(await page.locator('#site').textContent()).toContain('The site is down');
    expect(page.url()).toBe(`${url}/browse/CHG-1`);
    expect(site.issue('CHG-1').status.name).toBe('Declined');
    expect(problems).toEqual([]);
  });

  it('say why a form is rejected', async () => {
    const { url } = await start();
    const { page } = await open({ url: `${url}/browse/CHG-1` });
    // A browser without this field sends this.
    await page.evaluate("document.querySelector('[name=start]').type = 'text'");
    await page.getByLabel('Planned start (UTC)').fill('tomorrow');
    await page.getByRole('button', { name: 'Set the window' }).click();
    await page.getByText('"tomorrow" is not a date and time.').waitFor();
  });

  it('reject the form of another site', async () => {
    const { url, site } = await start();
    const form = `<form method="post" action="${url}/browse/CHG-1/move"><input name="transition" value="61"><button>Win</button></form>`;
    const { page } = await open({ html: form });
    await page.context().unroute('**');
    await page.getByRole('button', { name: 'Win' }).click();
    await page.getByText('This form was sent from another site.').waitFor();
    expect(site.issue('CHG-1').status.name).toBe('Review');
  });

  it('say that they no longer change after the stand-in has ended', async () => {
    const sandbox = await start();
    const { page } = await open({ url: `${sandbox.url}/browse/CHG-1` });
    await sandbox.close();
    await page.getByText('The stand-in has ended.').waitFor();
  });
});
