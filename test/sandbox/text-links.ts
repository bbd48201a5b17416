import type { Behaviour } from './behaviour.ts';

/** What Jira makes of the URLs in a text that it stores. */
export function storedText(text: string, links: Behaviour['links']): string {
  if (links === 'plain') {
    return text;
  }
  return text.replace(/https?:\/\/[^\s\]|)]+/g, (url) =>
    links === 'wiki' ? `[${url}]` : `[${url}|${url}|smart-link]`,
  );
}
