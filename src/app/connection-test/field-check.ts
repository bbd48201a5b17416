import { defaultPlannedFields } from '../../domain/change/change-window.ts';
import { foldName } from '../../domain/names.ts';
import { nearWords } from '../../domain/nearest-word.ts';
import { join, type Text, text } from '../../domain/text.ts';
import type { Finding } from './checklist.ts';
import type { SiteField } from './ports.ts';

/** Nobody would read more similar names than this. */
const mostNearWords = 3;

interface BoundFinding {
  readonly result: 'pass' | 'fail' | 'missing';
  readonly says: Text;
}

/**
 * Tests the planned fields: whether they exist, under which ids, and whether they contain dates (W10, W12).
 */
export function plannedFieldsFinding(
  fields: readonly SiteField[],
  configured: { readonly start: string | undefined; readonly end: string | undefined },
): Finding {
  const found = [
    boundFinding('Planned start', configured.start, defaultPlannedFields.start, fields),
    boundFinding('Planned end', configured.end, defaultPlannedFields.end, fields),
  ];
  const says = join(
    found.map((one) => one.says),
    '; ',
  );
  if (found.some(({ result }) => result === 'fail')) {
    return [
      'fail',
      text`${says}. Check Planned start field (JsmChange.PlannedStartField) and Planned end field (JsmChange.PlannedEndField), or plannedStart and plannedEnd in a policy.`,
      undefined,
    ];
  }
  const missing = found.filter(({ result }) => result === 'missing');
  if (missing.length === 0) return ['pass', says, undefined];
  // W12: the fields may have other names on this site, and nobody would notice that the window lacks them.
  const lacks =
    missing.length === found.length
      ? text`Without these fields a change request has no window.`
      : text`Without this field a change window is open on that side.`;
  return [
    'fail',
    text`${says}. ${lacks} If a field has another name on this site, set Planned start field (JsmChange.PlannedStartField) or Planned end field (JsmChange.PlannedEndField), or plannedStart or plannedEnd in a policy.`,
    undefined,
  ];
}

function boundFinding(
  bound: string,
  configured: string | undefined,
  usual: readonly string[],
  fields: readonly SiteField[],
): BoundFinding {
  const wanted = (configured === undefined ? usual : [configured]).map(foldName);
  const found = fields.filter(({ id, name }) => [id, name].some((label) => wanted.includes(foldName(label))));
  if (found.length === 0) return missing(bound, configured, usual, fields);
  const list = found.map(({ id, name }) => `${name} (${id})`).join(', ');
  const timeless = found.filter(({ type }) => !['datetime', 'date', ''].includes(type));
  if (timeless.length === 0) return { result: 'pass', says: text`${bound}: ${list}` };
  const types = timeless.map(({ id, type }) => `${id} is of the type ${type}`).join(', ');
  return { result: 'fail', says: text`${bound}: ${list}, which must be a date-time field: ${types}` };
}

function missing(
  bound: string,
  configured: string | undefined,
  usual: readonly string[],
  fields: readonly SiteField[],
): BoundFinding {
  if (configured === undefined) {
    return { result: 'missing', says: text`${bound}: no field called ${usual.join(' or ')}` };
  }
  const labels = fields.flatMap(({ id, name }) => [name, id]);
  const near = nearWords(configured, labels).slice(0, mostNearWords);
  const hint = near.length === 0 ? text`` : text`; similar names: ${near.join(', ')}`;
  return { result: 'fail', says: text`${bound}: no field "${configured}"${hint}` };
}
