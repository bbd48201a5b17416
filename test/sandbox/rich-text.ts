import type { Call } from './call.ts';
import { isObject } from './exchange.ts';

/**
 * Returns a text as the requested version of the platform's API does: version 3 returns Atlassian Document
 * Format.
 */
export function shownText(call: Call, text: string): unknown {
  return call.path.includes('/rest/api/3/') ? richText(text) : text;
}

function richText(text: string): Record<string, unknown> {
  const paragraphs = text.split('\n').map((line) => ({
    type: 'paragraph',
    content: line === '' ? [] : [{ type: 'text', text: line }],
  }));
  return { type: 'doc', version: 1, content: paragraphs };
}

/**
 * Returns the lines of a text that is either plain or in Atlassian Document Format; undefined if it is
 * neither.
 */
export function plainText(body: unknown): string | undefined {
  if (typeof body === 'string') {
    return body;
  }
  if (!isObject(body) || !Array.isArray(body['content'])) {
    return undefined;
  }
  return body['content'].map((node) => textOfNode(node)).join('\n');
}

function textOfNode(node: unknown): string {
  if (!isObject(node)) {
    return '';
  }
  const inner = Array.isArray(node['content']) ? node['content'].map(textOfNode).join('') : '';
  return typeof node['text'] === 'string' ? node['text'] + inner : inner;
}
