import { attempt, Fault } from '../domain/fault.ts';
import { mayReadToShow } from './approvers.ts';
import type { RunContext } from './run-context.ts';

/** M1: reads the account's time zone for messages. No decision depends on it, so one attempt is enough. */
export async function learnTimeZone(context: RunContext): Promise<void> {
  const { serviceDesk, record } = context;
  if (record.timeZone !== undefined || !mayReadToShow(context)) return;
  const zone = await attempt(() => serviceDesk.timeZone('once'));
  record.timeZone = zone instanceof Fault ? '' : (zone ?? '');
}
