import { type Text, text } from '../domain/text.ts';
import { shortestToken } from '../octopus/secrets.ts';
import type { StepInput } from './step-input.ts';

/** I9: notes what is wrong with a token, unless it is empty. */
export function noteTokenFault(input: StepInput, variable: string, username: string, token: string): void {
  const fault = token === '' ? undefined : tokenFault(username, token);
  if (fault !== undefined) input.note(variable, fault);
}

/** A header cannot carry line ends and the like, and a token that is sent without a user name is part of one as it is. */
function tokenFault(username: string, token: string): Text | undefined {
  if (/[\0-\x1F\x7F-\x9F]/.test(token)) return text`contains a line end or a control character.`;
  if (token.length < shortestToken)
    return text`is shorter than ${shortestToken} characters, so it cannot be an API token.`;
  return username === '' && /[^\x20-\x7e]/.test(token)
    ? text`contains a character that personal access tokens never have.`
    : undefined;
}
