/** The status of a change request as Jira gives it. */
export interface ChangeStatus {
  readonly id: string;
  readonly name: string;
  /** The name before translation, if Jira gives it. */
  readonly untranslatedName?: string;
  /** `new`, `indeterminate`, `done`, or whatever a site may add. */
  readonly category: string;
}

/** The statuses that allow a deployment and those that are waited in; any other status stops it. */
export interface StateSets {
  readonly proceed: readonly string[];
  readonly wait: readonly string[];
}

type ChangeState = 'proceed' | 'wait' | 'other';

/** T1: the status of an approved change request in JSM's default change workflow. */
export const defaultProceedStatuses: readonly string[] = ['Implementing'];

/** T2: the statuses before it, of the current change workflow and of the older template. */
export const defaultWaitStatuses: readonly string[] = [
  'Review',
  'Preview',
  'Planning',
  'Authorize',
  'Awaiting Implementation',
  'Peer review / change manager approval',
  'Awaiting CAB approval',
];

/**
 * L5: the statuses of the sets that are not Jira's own. A workflow may have them in the category done, though a change
 * request in them is open.
 */
export function namedStatuses({ proceed, wait }: StateSets): readonly string[] {
  const usual = new Set([...defaultProceedStatuses, ...defaultWaitStatuses].map(foldName));
  return [...proceed, ...wait].filter((name) => !usual.has(foldName(name)));
}

/** X1: putting marks in order takes the square of how many follow each other; no letter of any language has as many. */
const mostMarks = 30;
const uselessMarks = /(?<=\p{M}{30})\p{M}+/gu;

/** How names compare: without case, trimmed, runs of spaces as one. */
export function foldName(name: string): string {
  // Compiling that pattern is not for nothing (docs/figures.md), and most names are too short for it.
  const orderable = name.length > mostMarks ? name.replace(uselessMarks, '') : name;
  return orderable.normalize('NFC').replace(/\s+/gu, ' ').trim().toLowerCase();
}

/**
 * The sets in force: a set that is not named keeps its defaults, less what the other set names.
 * `inBoth` lists the statuses that were named in both; the caller must refuse them.
 */
export function stateSets(named: {
  readonly proceed?: readonly string[] | undefined;
  readonly wait?: readonly string[] | undefined;
}): StateSets & { readonly inBoth: readonly string[] } {
  const without = (names: readonly string[], others: readonly string[] | undefined): readonly string[] => {
    const taken = new Set(others?.map(foldName));
    return names.filter((name) => !taken.has(foldName(name)));
  };
  const namedProceed = new Set(named.proceed?.map(foldName));
  return {
    proceed: named.proceed ?? without(defaultProceedStatuses, named.wait),
    wait: named.wait ?? without(defaultWaitStatuses, named.proceed),
    inBoth: named.proceed && named.wait ? named.wait.filter((name) => namedProceed.has(foldName(name))) : [],
  };
}

/**
 * What a status means for the deployment. The name that Jira shows counts first, then the name before
 * translation, then the id, so that a set may contain any of the three.
 */
export function changeState(status: ChangeStatus, sets: StateSets): ChangeState {
  const proceed = new Set(sets.proceed.map(foldName));
  const wait = new Set(sets.wait.map(foldName));
  for (const label of labelsOf(status)) {
    if (wait.has(label)) return 'wait';
    if (proceed.has(label)) return 'proceed';
  }
  return 'other';
}

/** Whether a status is meant by its name, its name before translation, or its id. */
export function isNamed(
  status: Pick<ChangeStatus, 'id' | 'name' | 'untranslatedName'>,
  wanted: string,
): boolean {
  return labelsOf(status).includes(foldName(wanted));
}

function labelsOf({
  name,
  untranslatedName,
  id,
}: Pick<ChangeStatus, 'id' | 'name' | 'untranslatedName'>): readonly string[] {
  return [name, untranslatedName ?? '', id].map(foldName).filter((label) => label !== '');
}

/** L5: a change request is open while its category is not done, or while its status is in one of the sets. */
export function isOpen(status: ChangeStatus, sets: StateSets): boolean {
  return status.category !== 'done' || changeState(status, sets) !== 'other';
}
