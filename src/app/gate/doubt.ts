import { attempt, doubtedKinds, Fault } from '../../domain/fault.ts';
import { text } from '../../domain/text.ts';
import type { RunContext } from '../run-context.ts';
import { jittered } from './check-interval.ts';

/** F3: after a good check, a 401, 403 or 404 is believed only if it occurs again one interval later. */
export async function believedTwice<T>(context: RunContext, action: () => Promise<T>): Promise<T> {
  const { log, record, sleep } = context;
  const first = await attempt(action);
  if (!(first instanceof Fault)) return first;
  if (!doubtedKinds.has(first.kind) || record.check === undefined) throw first;
  log.warning(text`${first.summary} Checking again before the step acts on it.`);
  await sleep(jittered(context));
  return action();
}
