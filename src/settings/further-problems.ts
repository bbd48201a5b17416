import { titleProblem } from '../app/gate/creation.ts';
import { text } from '../domain/text.ts';
import type { World } from '../world.ts';
import type { RunInputs, SiteInputs } from './from-parameters.ts';
import type { InputProblem } from './input-problems.ts';

/** L12 */
export function titleProblems(title: string): readonly InputProblem[] {
  const problem = titleProblem(title);
  if (problem === undefined) return [];
  const variable = 'Octopus.JiraServiceManagement.Field[summary]';
  return [{ variable, message: text`must give another title. ${problem}` }];
}

/** V5 */
export function leaveProblems(site: SiteInputs, run: RunInputs): readonly InputProblem[] {
  if (run.approveTransition === '' || site.approveTransitionAllowed) return [];
  const message = text`is set, and the policy does not say preApproved: true for this project.`;
  return [{ variable: 'JsmChange.ApproveTransition', message }];
}

/** Parts of Node whose traces hold requests, or what they are made of. */
const tellingParts: readonly string[] = ['http', 'https', 'net', 'tls', 'stream'];

/** X3 */
export function tracingProblems(env: World['env']): readonly InputProblem[] {
  const variable = 'NODE_DEBUG';
  const traced = (env[variable] ?? '').split(',').map((part) => part.trim().toLowerCase());
  if (!traced.some((part) => part.includes('*') || tellingParts.includes(part))) return [];
  const message = text`is set in the worker's environment: Node would print every request, with the token in it. Remove it there.`;
  return [{ variable, message }];
}
