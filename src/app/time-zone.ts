import { attempt, Fault } from '../domain/fault.ts';
import { mayReadToShow } from './approvers.ts';
import type { RunContext } from './run-context.ts';

/** M1: times are shown in the account's time zone as well. That is one try of one read, and decides nothing. */
export async function learnTimeZone(context: RunContext): Promise<void> {
  const { serviceDesk, record } = context;
  if (record.timeZone !== undefined || !mayReadToShow(context)) return;
  const zone = await attempt(() => serviceDesk.timeZone('once'));
  record.timeZone = zone instanceof Fault ? '' : (zone ?? '');
}
