import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { Chromium } from '../test/browser/chromium.ts';
import { runCommand } from './command.ts';
import { digestOf, digestsFile, type Picture, pictures, picturesFolder } from './pictures/picture.ts';
import { smallPng } from './pictures/small-png.ts';

const usage = `Usage: npm run pictures -- [--all]

Makes the pictures for the documents, in docs/pictures, from real runs of the bundle; those of web pages in a headless
Chromium (CHROMIUM=/path/to/it, or where Debian installs it). Only makes pictures whose source has changed since.

  --all  make every picture again, for example after changing the size or the browser`;

await runCommand(
  { usage, options: { all: { type: 'boolean', default: false } } },
  async ({ values: { all } }) => {
    const before: Readonly<Record<string, string>> = existsSync(digestsFile)
      ? JSON.parse(await readFile(digestsFile, 'utf8'))
      : {};
    const digests: Record<string, string> = {};
    let browser: Chromium | undefined;
    try {
      for (const picture of pictures) {
        const { file } = picture;
        const source = await picture.source();
        digests[file] = digestOf(source);
        const isCurrent = before[file] === digests[file] && existsSync(new URL(file, picturesFolder));
        if (all || !isCurrent) {
          if (file.endsWith('.png')) browser ??= await Chromium.start();
          const bytes =
            browser === undefined || file.endsWith('.svg') ? source : await shot(browser, picture, source);
          await writeFile(new URL(file, picturesFolder), bytes);
        }
        console.log(`${all || !isCurrent ? 'made    ' : 'current '} docs/pictures/${file}`);
      }
    } finally {
      await browser?.close();
    }
    await writeFile(digestsFile, `${JSON.stringify(digests, null, 2)}\n`);
    return 0;
  },
);

async function shot(
  browser: Chromium,
  { file, width = 720, scale = 1.5 }: Picture,
  source: string,
): Promise<Buffer> {
  const { page, problems } = await browser.open({ html: source }, { width });
  const height: number = await page.evaluate('document.documentElement.offsetHeight');
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', {
    captureBeyondViewport: true,
    clip: { x: 0, y: 0, width, height, scale },
  });
  if (problems.length > 0) throw new Error(`${file}: ${problems.join('; ')}`);
  return smallPng(Buffer.from(data, 'base64'));
}
