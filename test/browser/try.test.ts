import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { describeInBrowser } from './describe-in-browser.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const started: ChildProcess[] = [];

/** Starts `npm run try`; returns the address that it prints. */
async function start(): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/try.ts'], { cwd: root });
  started.push(child);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  while (!printed.includes('Ctrl+C')) await once(child.stdout, 'data');
  return { url: /http:\S+/.exec(printed)?.[0] ?? '', child };
}

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'close');
  }
});

describeInBrowser('npm run try', (open) => {
  it('shows the effect of each click of the approver in the log of a real run, until the gate proceeds', async () => {
    const { url, child } = await start();
    const { page, problems, overflow } = await open({ url });
    const log = (text: string) => page.locator('#log', { hasText: text }).waitFor();
    await log('Still pending: Ann Approver.');
    await page.getByRole('button', { name: 'Approve as Ann Approver' }).click();
    await log('CHG-1 is Planning');
    await page.getByRole('button', { name: 'Request approval → Authorize' }).click();
    await page.getByRole('button', { name: 'Approve as Bob Board' }).click();
    await page.getByRole('button', { name: 'Approve as Cara Change' }).click();
    await log('CHG-1 is Awaiting implementation');
    await page.getByRole('button', { name: 'Open now, for an hour' }).click();
    await page.getByRole('button', { name: 'Start implementation → Implementing' }).click();
    await page.locator('#state', { hasText: 'The gate allows the deployment' }).waitFor();
    expect(await page.locator('#summary').textContent()).toContain('CHG-1: Proceed.');
    await page.locator('#summary').getByRole('link', { name: 'CHG-1' }).first().click();
    await page.getByRole('heading', { name: 'Approvals' }).waitFor();
    await page.getByRole('link', { name: 'The deployment' }).click();
    expect(await page.locator('#outputs').textContent()).toContain('DecisionProceed');
    expect(await overflow()).toBe(0);
    expect(problems).toEqual([]);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('blocks the deployment if it is declined, and raises another change request for the next attempt', async () => {
    const { url } = await start();
    const { page, problems, overflow } = await open({ url }, { screen: 'phone' });
    await page.getByRole('button', { name: 'Decline as Ann Approver' }).tap();
    await page.locator('#state', { hasText: 'The gate blocks the deployment' }).waitFor();
    expect(await page.locator('#state').textContent()).toContain(
      'The change request CHG-1 is Declined (declined by Ann Approver), so the deployment is blocked.',
    );
    expect(await page.locator('#summary').textContent()).toContain('Declined');
    await page.getByRole('link', { name: 'Task Summary' }).tap();
    await page.waitForFunction(
      "document.querySelector('#summary h2').getBoundingClientRect().top >= document.querySelector('#state').getBoundingClientRect().bottom",
    );
    await page.getByRole('link', { name: 'Deploy again' }).tap();
    await page.getByRole('button', { name: 'Deploy again' }).tap();
    await page.locator('#change', { hasText: 'CHG-2' }).waitFor();
    await page.locator('#log', { hasText: 'CHG-2' }).waitFor();
    expect(await page.locator('#log').textContent()).not.toContain('CHG-1 is');
    expect(await overflow()).toBe(0);
    await page.getByRole('button', { name: 'Cancel the deployment' }).tap();
    await page.locator('#outputs', { hasText: 'Cancelled' }).waitFor();
    expect(problems).toEqual([]);
  });

  it('delays the deployment while the site is down, and allows it afterwards', async () => {
    const { url } = await start();
    const { page, problems } = await open({ url });
    await page.getByText('Still pending: Ann Approver.').first().waitFor();
    await page.getByRole('button', { name: 'Break the site for a minute' }).click();
    await page.locator('#site', { hasText: /with 503: [1-9]/ }).waitFor();
    await page.getByRole('button', { name: 'Implement standard change' }).click();
    await page.locator('#facts', { hasText: 'Implementing' }).waitFor();
    expect(await page.locator('#state').textContent()).toMatch(
      /The gate is holding the deployment.*The site is down, and the gate keeps retrying/,
    );
    await page.getByRole('button', { name: 'Repair the site' }).click();
    await page.locator('#state', { hasText: 'The gate allows the deployment' }).waitFor();
    expect(problems).toEqual([]);
  });
});
