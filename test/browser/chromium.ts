import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/**
 * The usual paths of Chromium if `CHROMIUM` is not set: Debian's, Ubuntu's, Google's Chrome packages, and the
 * path on a Mac.
 */
const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** How a page is opened. */
interface Opening {
  /** A desktop screen by default; a phone is 360 pixels wide and has no mouse. */
  readonly screen?: 'desk' | 'phone';
  /** False if the page must work without its scripts. */
  readonly scripts?: boolean;
  readonly colours?: 'light' | 'dark';
  /** Another screen width, in CSS pixels. */
  readonly width?: number;
}

/** An open page and its problems. */
interface View {
  readonly page: Page;
  /**
   * Console errors and warnings, uncaught errors, and requests to other sites, which are refused. Empty if
   * the page is correct.
   */
  readonly problems: readonly string[];
  /** How many pixels the page is wider than the screen, including a page that does not adapt to a phone. */
  overflow(): Promise<number>;
}

/** The source of a page: its text, or its address on a server of this machine. */
type Source = { readonly html: string } | { readonly url: string };

/** The end of a sentence about a machine without a browser. */
export const noBrowser = 'no Chromium here: install it, or set CHROMIUM to its path';

/** The address of a page that was opened from its text. The name does not resolve. */
const textUrl = 'https://page.test/';

const screens = {
  desk: { viewport: { width: 1200, height: 800 } },
  phone: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
} satisfies Readonly<Record<'desk' | 'phone', BrowserContextOptions>>;

/** The browser's path, or undefined if this machine has none. */
export function chromiumPath(): string | undefined {
  const given = process.env['CHROMIUM'];
  return given ? given : usualPaths.find((path) => existsSync(path));
}

/**
 * A headless Chromium on this machine: nothing is downloaded, and no page reaches another machine.
 * @throws if there is no Chromium
 */
export class Chromium {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<Chromium> {
    const executablePath = chromiumPath();
    if (executablePath === undefined) throw new Error(`There is ${noBrowser}`);
    return new Chromium(
      await chromium.launch({ executablePath, args: ['--font-render-hinting=none', '--disable-lcd-text'] }),
    );
  }

  /** Opens a page in a separate profile. */
  async open(source: Source, opening: Opening = {}): Promise<View> {
    const { screen = 'desk', scripts = true, colours = 'light' } = opening;
    const { viewport, ...device } = screens[screen];
    const context = await this.#browser.newContext({
      ...device,
      viewport: { ...viewport, width: opening.width ?? viewport.width },
      javaScriptEnabled: scripts,
      colorScheme: colours,
      locale: 'en-GB',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
    });
    // The machine may be busy with other work.
    context.setDefaultTimeout(90_000);
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()))
        problems.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
    const url = 'url' in source ? source.url : textUrl;
    await context.route('**', (route) => {
      const asked = route.request().url();
      if ('html' in source && asked === textUrl) {
        return route.fulfill({ contentType: 'text/html; charset=utf-8', body: source.html });
      }
      if ('url' in source && new URL(asked).origin === new URL(url).origin) return route.continue();
      problems.push(`request: ${asked}`);
      return route.abort();
    });
    await page.goto(url);
    return {
      page,
      problems,
      overflow: async () => {
        const width: number = await page.evaluate('document.documentElement.scrollWidth');
        return width - (page.viewportSize()?.width ?? 0);
      },
    };
  }

  async closePages(): Promise<void> {
    for (const context of this.#browser.contexts()) await context.close();
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
