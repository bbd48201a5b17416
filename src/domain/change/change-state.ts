import { foldName } from '../names.ts';

/** What a status or an issue type may be called. */
export interface Named {
  readonly id: string;
  readonly name: string;
  /** The untranslated name, if Jira returns it. */
  readonly untranslatedName?: string;
}

/** The status of a change request as Jira returns it. */
export interface ChangeStatus extends Named {
  /** `new`, `indeterminate`, `done`, or another value that a site may add. */
  readonly category: string;
}

/** The statuses that allow a deployment, and those in which the step waits; any other status stops it. */
export interface StateSets {
  readonly proceed: readonly string[];
  readonly wait: readonly string[];
}

type ChangeState = 'proceed' | 'wait' | 'other';

/** T1: the status of an approved change request in JSM's default change workflow. */
export const defaultProceedStatuses: readonly string[] = ['Implementing'];

/** T2: the statuses before approval, in the current change workflow and in the older template. */
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
 * L5: returns the statuses in the sets that are not Jira's defaults. A workflow may put them in the category
 * *Done* although a change request in them is open.
 */
export function namedStatuses({ proceed, wait }: StateSets): readonly string[] {
  const usual = new Set([...defaultProceedStatuses, ...defaultWaitStatuses].map(foldName));
  return [...proceed, ...wait].filter((name) => !usual.has(foldName(name)));
}

/**
 * Returns the sets that apply: a set that is not configured keeps its defaults, without what the other set
 * names. `inBoth` lists the statuses that both sets name; the caller must refuse them.
 */
export function stateSets(named: {
  readonly proceed?: readonly string[] | undefined;
  readonly wait?: readonly string[] | undefined;
}): StateSets & { readonly inBoth: readonly string[] } {
  const proceed = new Set(named.proceed?.map(foldName));
  const wait = new Set(named.wait?.map(foldName));
  return {
    proceed: named.proceed ?? defaultProceedStatuses.filter((name) => !wait.has(foldName(name))),
    wait: named.wait ?? defaultWaitStatuses.filter((name) => !proceed.has(foldName(name))),
    inBoth: (named.wait ?? []).filter((name) => proceed.has(foldName(name))),
  };
}

/**
 * Returns what a status means for the deployment. It is matched by the name that Jira shows, then by the
 * untranslated name, then by the id, so a set may contain any of the three.
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

/** Whether a status or an issue type has the wanted name, untranslated name or id. */
export function isNamed(named: Named, wanted: string): boolean {
  return labelsOf(named).includes(foldName(wanted));
}

function labelsOf({ name, untranslatedName, id }: Named): readonly string[] {
  return [name, untranslatedName ?? '', id].map(foldName).filter((label) => label !== '');
}

/** L5: whether a change request is open: its category is not *Done*, or its status is in one of the sets. */
export function isOpen(status: ChangeStatus, sets: StateSets): boolean {
  return status.category !== 'done' || changeState(status, sets) !== 'other';
}
