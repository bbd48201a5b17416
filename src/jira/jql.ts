/** A string of JQL: quotes and backslashes escaped. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, (mark) => `\\${mark}`)}"`;
}

/**
 * L5: searches for a title as a phrase, in any status (a closed change request of the same run matters, L9).
 *
 * `summary` knows no equality, only `~`: a phrase is a quoted string inside the string. Quotes and
 * backslashes carry no index tokens and would end the phrase, so they become blanks. What it finds is
 * compared by the client.
 */
export function titlePhraseJql(serviceProject: string, title: string): string {
  const phrase = title.replace(/["\\]/g, ' ').replace(/\s+/gu, ' ').trim();
  return `project = ${quoted(serviceProject)} AND summary ~ ${quoted(`"${phrase}"`)} ORDER BY created DESC`;
}

/**
 * L5: the second search: the plain words of the title in any order, among the open ones and those of the last
 * month, since a closed one may matter too (L5, L9). Only words of letters alone are asked for: how Jira splits
 * others (`1.0.1`, `App.Web`) is not for sure.
 */
export function titleWordsJql(serviceProject: string, title: string): string {
  const words = title
    .split(/[\s"\\]+/u)
    .map((word) => word.replace(/^[^\p{L}\p{M}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu, ''))
    .filter((word) => /^[\p{L}\p{M}]{2,}$/u.test(word) && !operators.has(word.toUpperCase()));
  const unique = [...new Set(words)];
  const text = unique.length === 0 ? '' : ` AND summary ~ ${quoted(unique.join(' '))}`;
  return `project = ${quoted(serviceProject)}${text} AND (statusCategory != Done OR updated >= -30d) ORDER BY created DESC`;
}

/** Words that the text query would read as operators. */
const operators: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT', 'TO']);
