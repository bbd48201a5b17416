import { type Text, text } from '../domain/text.ts';
import { shortestToken } from '../octopus/secrets.ts';

/**
 * I9: what is wrong with a token: a header cannot carry line ends and the like, and a token that is sent without a user
 * name is part of one as it is.
 */
export function tokenFault(username: string, token: string): Text | undefined {
  if (/[\0-\x1F\x7F-\x9F]/.test(token)) return text`contains a line end or a control character.`;
  if (token.length < shortestToken)
    return text`is shorter than ${shortestToken} characters, so it cannot be an API token.`;
  return username === '' && /[^\x20-\x7e]/.test(token)
    ? text`contains a character that personal access tokens never have.`
    : undefined;
}
