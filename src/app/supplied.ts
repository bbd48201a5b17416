import type { TimedCheck } from '../domain/decision/run-record.ts';
import { notMentioned } from '../domain/deployment/mention.ts';
import { text } from '../domain/text.ts';
import { changeRequestLink } from './outcomes.ts';
import type { RunContext } from './run-context.ts';

/** A1: shows people which change request a supplied number means, before the deployment relies on it. */
export function showSupplied(context: RunContext, { changeRequest }: TimedCheck): void {
  const { log, settings } = context;
  const link = changeRequestLink(context, changeRequest.key);
  log.highlight(text`The supplied change request is ${link}: "${changeRequest.summary}".`);
  if (settings.rules.mustMention.some((one) => one.trim() !== '')) return;
  const { project, release } = settings.deployment;
  const names = [project, release].filter((name) => name.trim() !== '');
  if (names.length === 0 || notMentioned(changeRequest, names).length < names.length) return;
  log.warning(
    text`${link} mentions neither the project "${project}" nor the release "${release}", so it may be about something else. To require it, set A supplied change request must mention (JsmChange.SuppliedMustMention, or suppliedMustMention in a policy).`,
  );
}
