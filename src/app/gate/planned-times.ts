import { plannedCandidates } from '../../domain/change/change-request.ts';
import type { PlannedField } from '../../domain/change/change-window.ts';
import type { Outcome } from '../../domain/decision/outcome.ts';
import { attempt, Fault } from '../../domain/fault.ts';
import { foldName } from '../../domain/names.ts';
import { type Text, text } from '../../domain/text.ts';
import { checkChangeRequest } from '../check-change-request.ts';
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
  const { settings } = context;
  if (settings.fields.length === 0) return undefined;
  const check = await checkChangeRequest(context, key, undefined);
  const lost = plannedCandidates(check.changeRequest).flatMap((field) => {
    const setting = settingOf(context, field, fieldIds);
    return setting !== undefined && field.value === null ? [{ field, value: setting }] : [];
  });
  for (const { field, value } of lost) {
    const why = await tryToSet(context, key, field, value);
    if (why !== undefined) {
      return {
        verdict: 'Stop',
        code: 'WindowUnknown',
        rule: 'C2',
        reason: text`The field "${field.name}" of ${changeRequestLink(context, key)} did not keep its value from Octopus.JiraServiceManagement.Field, and setting it again was refused: ${why}`,
        advice: text`Set it in the change request, or add the field to its request form or edit screen.`,
      };
    }
  }
  return undefined;
}

/** @returns why the field was not set; undefined if it was */
async function tryToSet(
  context: RunContext,
  key: string,
  field: PlannedField,
  value: string,
): Promise<Text | undefined> {
  const edited = await attempt(() => context.serviceDesk.editTime(key, field.id, value));
  if (edited instanceof Fault) return edited.summary;
  const check = await believedTwice(context, () => checkChangeRequest(context, key, undefined));
  const isUnset = plannedCandidates(check.changeRequest).some(
    (candidate) => candidate.id === field.id && candidate.value === null,
  );
  return isUnset ? text`Jira did not store it.` : undefined;
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
