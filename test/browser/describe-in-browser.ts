import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { Chromium, chromiumPath, noBrowser } from './chromium.ts';

/**
 * Tests that share a browser; their pages are closed after each test. Without a browser they count as one
 * skipped test whose title says why.
 * @param tests gets the function that opens a page, for use inside the tests
 */
export function describeInBrowser(title: string, tests: (open: Chromium['open']) => void): void {
  if (chromiumPath() === undefined) {
    it.skip(`${title} (skipped: ${noBrowser})`, () => {});
    return;
  }
  describe(title, () => {
    let browser: Chromium | undefined;
    beforeAll(async () => {
      browser = await Chromium.start();
    });
    afterEach(async () => {
      await browser?.closePages();
    });
    afterAll(async () => {
      await browser?.close();
    });
    tests((...how) => {
      if (browser === undefined) throw new Error('Pages can be opened only inside a test');
      return browser.open(...how);
    });
  });
}
