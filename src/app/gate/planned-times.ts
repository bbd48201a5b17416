import { plannedCandidates } from '../../domain/change/change-request.ts';
import type { PlannedField } from '../../domain/change/change-window.ts';
import { isFresh } from '../../domain/decision/check-age.ts';
import type { Outcome } from '../../domain/decision/outcome.ts';
import type { TimedCheck } from '../../domain/decision/run-record.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { foldName } from '../../domain/names.ts';
import { type Text, text } from '../../domain/text.ts';
import { checkChangeRequest, momentOf } from '../check-change-request.ts';
import { changeRequestLink } from '../outcomes.ts';
import type { PreparedRequest } from '../ports.ts';
import type { RunContext } from '../run-context.ts';
import { believedTwice } from './doubt.ts';

/**
 * C2: writes Planned start or Planned end again if a `Field[...]` variable sets it but it is empty on the
 * run's own change request. A different value is left alone.
 * @param fieldIds ids of the fields that the variables name, which may be by their labels on the request form
 * @returns the outcome if the write is refused, since the window would not be the one that was requested
 */
export async function restorePlannedTimes(
  context: RunContext,
  key: string,
  fieldIds: PreparedRequest['fieldIds'] = new Map(),
): Promise<Outcome | undefined> {
  const { settings, serviceDesk, clock } = context;
  if (settings.fields.length === 0) return undefined;
  let check = await checkNow(context, key);
  const lost = unsetTimes(check).flatMap((field) => {
    const value = settingOf(context, field, fieldIds);
    return value === undefined ? [] : [{ field, value }];
  });
  for (const { field, value } of lost) {
    // An outage may have lasted for minutes since the last check, in which somebody entered a value.
    const mayBeSent = async (): Promise<boolean> => {
      if (!isFresh(check, momentOf(clock))) check = await checkNow(context, key);
      return isUnset(check, field);
    };
    const edited = await attempt(() =>
      believedTwice(context, () => serviceDesk.editTime(key, field.id, value, mayBeSent)),
    );
    if (edited instanceof Fault && !isRefusal(edited)) throw edited;
    if (edited instanceof Fault) return notRestored(context, key, field, edited.summary);
    check = await checkNow(context, key);
    if (isUnset(check, field)) return notRestored(context, key, field, text`Jira did not store it.`);
  }
  return undefined;
}

function checkNow(context: RunContext, key: string): Promise<TimedCheck> {
  return believedTwice(context, () => checkChangeRequest(context, key));
}

function unsetTimes({ changeRequest }: TimedCheck): readonly PlannedField[] {
  return plannedCandidates(changeRequest).filter(({ value }) => value === null);
}

function isUnset(check: TimedCheck, { id }: PlannedField): boolean {
  return unsetTimes(check).some((field) => field.id === id);
}

/** F2: returns whether a fault shows that Jira refused the write. */
function isRefusal({ kind }: Fault): boolean {
  return !['unreachable', 'login', 'window-unknown'].includes(kind);
}

function notRestored(context: RunContext, key: string, { name }: PlannedField, why: Text): Outcome {
  return {
    verdict: 'Stop',
    code: 'WindowUnknown',
    rule: 'C2',
    reason: text`The field "${name}" of ${changeRequestLink(context, key)} did not keep its value from Octopus.JiraServiceManagement.Field, and setting it again was refused: ${why}`,
    advice: text`Set it in the change request, or add the field to its request form or edit screen.`,
  };
}

function settingOf(
  { settings }: RunContext,
  field: PlannedField,
  fieldIds: PreparedRequest['fieldIds'],
): string | undefined {
  const names = new Set([field.id, field.name].map(foldName));
  const isMeant = (name: string): boolean => names.has(foldName(name)) || fieldIds.get(name) === field.id;
  return settings.fields.find((setting) => isMeant(setting.field) && setting.value.trim() !== '')?.value;
}
