import type { Behaviour } from './behaviour.ts';

/** Converts the URLs in a text the way Jira does when it stores the text. */
export function storedText(text: string, links: Behaviour['links']): string {
  if (links === 'plain') {
    return text;
  }
  return text.replace(/https?:\/\/[^\s\]|)]+/g, (url) =>
    links === 'wiki' ? `[${url}]` : `[${url}|${url}|smart-link]`,
  );
}
