import { type Bound, parseInstant } from '../instant.ts';

/** W12: Jira's names for the bounds of a change window: the current ones and those of the older template. */
export const defaultPlannedFields = {
  start: ['Planned start', 'Change start date'],
  end: ['Planned end', 'Change completion date'],
} as const;

/** A planned field as one read of a change request returned it. */
export interface PlannedField {
  readonly id: string;
  readonly name: string;
  /** The value in the answer: `null` means empty; undefined means missing, which is not the same (W12). */
  readonly value: unknown;
}

/** What one read returned for Planned start or Planned end, before it is parsed. */
export interface PlannedFields {
  readonly candidates: readonly PlannedField[];
  /** W12: ids or names of fields that must be in the answer and are missing. */
  readonly missing: readonly string[];
}

export type PlannedTime =
  | { readonly kind: 'set'; readonly at: Date; readonly wholeDay: boolean; readonly field: string }
  | { readonly kind: 'unset'; readonly field: string }
  /** The change request has no such field, and nothing says that it should have one. */
  | { readonly kind: 'no-field' }
  | { readonly kind: 'missing'; readonly field: string }
  | { readonly kind: 'zone-needed'; readonly field: string }
  | { readonly kind: 'unreadable'; readonly field: string; readonly value: string }
  | {
      readonly kind: 'differ';
      readonly fields: readonly { readonly field: string; readonly value: string }[];
    };

export interface ChangeWindow {
  readonly start: PlannedTime;
  readonly end: PlannedTime;
}

/**
 * Returns the window that the planned fields of one read define.
 * @param timeZone IANA name of the account's time zone; undefined: unknown, or not asked for
 */
export function changeWindow(
  fields: { readonly plannedStart: PlannedFields; readonly plannedEnd: PlannedFields },
  timeZone: string | undefined,
): ChangeWindow {
  return {
    start: plannedTime(fields.plannedStart, 'start', timeZone),
    end: plannedTime(fields.plannedEnd, 'end', timeZone),
  };
}

/** W10, W12: returns what the candidate fields for one bound of the window say together. */
export function plannedTime(fields: PlannedFields, bound: Bound, timeZone: string | undefined): PlannedTime {
  const missing = fields.missing[0] ?? fields.candidates.find((field) => field.value === undefined)?.name;
  if (missing !== undefined) return { kind: 'missing', field: missing };
  const filled = fields.candidates.filter((field) => field.value !== null);
  const times = filled.map((field) => timeOf(field, bound, timeZone));
  const [first] = times;
  if (first === undefined) {
    const unset = fields.candidates[0];
    return unset === undefined ? { kind: 'no-field' } : { kind: 'unset', field: unset.name };
  }
  const odd = times.find((time) => time.kind !== 'set');
  if (odd !== undefined) return odd;
  const instants = new Set(times.map((time) => (time.kind === 'set' ? time.at.getTime() : undefined)));
  if (instants.size > 1) {
    return {
      kind: 'differ',
      fields: filled.map((field) => ({ field: `${field.name} (${field.id})`, value: String(field.value) })),
    };
  }
  return first;
}

function timeOf(field: PlannedField, bound: Bound, timeZone: string | undefined): PlannedTime {
  if (typeof field.value !== 'string') {
    return { kind: 'unreadable', field: field.name, value: JSON.stringify(field.value) ?? '' };
  }
  const parsed = parseInstant(field.value.trim(), bound, timeZone);
  switch (parsed.kind) {
    case 'instant':
      return { kind: 'set', at: parsed.at, wholeDay: parsed.wholeDay, field: field.name };
    case 'zone-needed':
      return { kind: 'zone-needed', field: field.name };
    case 'unreadable':
      return { kind: 'unreadable', field: field.name, value: field.value };
  }
}

/** Returns where an instant lies; both ends are inclusive (W1 to W4). An unset end sets no limit. */
export function placeInWindow(window: ChangeWindow, now: Date): 'before' | 'inside' | 'after' {
  if (window.end.kind === 'set' && now.getTime() > window.end.at.getTime()) return 'after';
  if (window.start.kind === 'set' && now.getTime() < window.start.at.getTime()) return 'before';
  return 'inside';
}

/** Whether either bound is set, so that a decision needs the server's time. */
export function hasBound(window: ChangeWindow): boolean {
  return window.start.kind === 'set' || window.end.kind === 'set';
}
