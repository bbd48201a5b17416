import { foldName } from '../../domain/change/change-state.ts';
import { defaultPlannedFields } from '../../domain/change/change-window.ts';
import { nearWords } from '../../domain/nearest-word.ts';
import { join, type Text, text } from '../../domain/text.ts';
import type { Finding, TestResult } from './checklist.ts';
import type { SiteField } from './ports.ts';

/** Nobody would read more similar names than this. */
const mostNearWords = 3;

interface BoundFinding {
  readonly result: TestResult;
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
  const missing = found.filter(({ result }) => result === 'warning');
  if (missing.length === 0) return ['pass', says, undefined];
  // W12: the site may have them under other names, and would otherwise be without a window unnoticed.
  return missing.length === found.length
    ? [
        'fail',
        text`${says}. Without these fields a change request has no window: if they have other names on this site, set Planned start field (JsmChange.PlannedStartField) and Planned end field (JsmChange.PlannedEndField), or plannedStart and plannedEnd in a policy.`,
        undefined,
      ]
    : [
        'fail',
        text`${says}. Without this field a change window is open on that side: if it has another name on this site, set Planned start field (JsmChange.PlannedStartField) or Planned end field (JsmChange.PlannedEndField), or plannedStart or plannedEnd in a policy.`,
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
    return { result: 'warning', says: text`${bound}: no field called ${usual.join(' or ')}` };
  }
  const labels = fields.flatMap(({ id, name }) => [name, id]);
  const near = nearWords(configured, labels).slice(0, mostNearWords);
  const hint = near.length === 0 ? text`` : text`; similar names: ${near.join(', ')}`;
  return { result: 'fail', says: text`${bound}: no field "${configured}"${hint}` };
}
