import { expect, it } from 'vitest';
import { describeInBrowser } from './describe-in-browser.ts';

const page = (body: string): string =>
  `<!DOCTYPE html><html lang="en"><title>A page</title><body>${body}</body></html>`;

describeInBrowser('A page in the browser', (open) => {
  it('has no problems if it is self-contained', async () => {
    const view = await open({ html: page('<h1>Hello</h1><script>document.title = "Changed"</script>') });
    expect(await view.page.title()).toBe('Changed');
    expect(view.problems).toEqual([]);
    expect(await view.overflow()).toBe(0);
  });

  it('has a problem if it requests anything from another machine', async () => {
    const view = await open({ html: page('<img src="https://images.example/logo.png" alt="">') });
    expect(view.problems).toContain('request: https://images.example/logo.png');
  });

  it('has a problem if it reports an error or a script fails', async () => {
    const script = '<script>console.error("reported"); missing();</script>';
    const view = await open({ html: page(script) });
    expect(view.problems).toEqual(['error: reported', 'uncaught: missing is not defined']);
  });

  it('runs no scripts if scripts are disabled', async () => {
    const view = await open(
      { html: page('<script>document.title = "Changed"</script>') },
      { scripts: false },
    );
    expect(await view.page.title()).toBe('A page');
  });

  it('reports by how much it is too wide for a phone', async () => {
    const view = await open(
      { html: page('<div style="width: 500px; margin: 0">wide</div>') },
      { screen: 'phone' },
    );
    expect(await view.overflow()).toBeGreaterThan(100);
    const adapting = '<meta name="viewport" content="width=device-width">';
    const other = await open({ html: page(`${adapting}<div>narrow</div>`) }, { screen: 'phone' });
    expect(await other.overflow()).toBe(0);
  });

  it('can be printed', async () => {
    const view = await open({ html: page('<h1>Hello</h1>') });
    expect((await view.page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
  });
});
