import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SiteAnswer } from '../exchange.ts';
import { Markup, markup, type Part } from './markup.ts';

const style = readFileSync(new URL('page.css', import.meta.url), 'utf8');
const script = readFileSync(new URL('live.js', import.meta.url), 'utf8');
const styleHash = createHash('sha256').update(style).digest('base64');

/**
 * Allows nothing from other sites, no script except the one below, and no embedding of the page in a frame.
 */
const securityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "script-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The name of the script that keeps a page current, in the folder of the pages. */
export const scriptName = 'live.js';

interface PageText {
  readonly title: string;
  /** Path of the folder of the pages; without it, the page is not kept current. */
  readonly folder?: string;
  readonly body: Part;
}

/** The notice at the top of each page. */
export const standInNotice = markup`<p class="stand-in"><strong>A stand-in, not Jira and not Octopus.</strong> It runs on this machine only, its people are made up, and it forgets everything when it ends.</p>`;

export function pageText({ title, folder, body }: PageText): string {
  const current =
    folder === undefined
      ? undefined
      : markup`<script src="${folder}/${scriptName}" defer></script>
<noscript><p class="notice">Reload the page to see what has changed.</p></noscript>
<p class="notice" id="gone" role="alert" hidden>The stand-in has ended. What you see no longer changes.</p>`;
  return documentText(title, [standInNotice, current, body]);
}

/** Returns a self-contained document with the style of the pages. */
export function documentText(title: string, body: Part): string {
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
${body}
</body>
</html>
`.text;
}

export function pageAnswer(status: number, body: string): SiteAnswer {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': securityPolicy,
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    },
    body,
  };
}

/** Answers with a page that contains only a message and the way back. */
export function messageAnswer(status: number, title: string, message: string, nav?: Markup): SiteAnswer {
  return pageAnswer(
    status,
    pageText({ title, body: markup`${nav}<main><h1>${title}</h1><p>${message}</p></main>` }),
  );
}

export function scriptAnswer(): SiteAnswer {
  const headers = { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-store' };
  return { status: 200, headers, body: script };
}

/** Answers a form with a redirect to the page to show, by GET. */
export function seeOther(location: string): SiteAnswer {
  return { status: 303, headers: { location, 'cache-control': 'no-store' }, body: '' };
}
