import { foldName } from '../names.ts';
import type { DeploymentFacts } from './deployment-facts.ts';
import { deploymentTitle, runbookTitle } from './title.ts';

/** Replaces a removed text, so that no word spans the gap. */
const gap = ' | ';

/**
 * V2: whether a change request's title names this tenant, so that it covers no other. The default title and
 * the names of project, runbook, release and environment do not count, though they may contain the tenant's.
 */
export function namesTenant(title: string, facts: DeploymentFacts): boolean {
  const tenant = foldName(facts.tenant);
  if (tenant === '') return false;
  const usual = facts.isRunbookRun ? runbookTitle(facts) : deploymentTitle(facts);
  const others = [facts.project, facts.runbook, facts.release, facts.environment]
    .map(foldName)
    .filter((name) => name.includes(tenant))
    .sort((a, b) => b.length - a.length);
  const rest = [foldName(usual), ...others].reduce(
    (text, taken) => text.replaceAll(taken, gap),
    foldName(title),
  );
  const words = rest.split(tenant);
  return words.some((before, index) => {
    const after = words[index + 1];
    return after !== undefined && !joins(before.at(-1), tenant[0]) && !joins(tenant.at(-1), after[0]);
  });
}

/** Whether two adjacent characters belong to one word: both are letters or digits. */
function joins(left: string | undefined, right: string | undefined): boolean {
  const isOfWord = (character: string | undefined): boolean => /[\p{L}\p{N}]/u.test(character ?? '');
  return isOfWord(left) && isOfWord(right);
}
