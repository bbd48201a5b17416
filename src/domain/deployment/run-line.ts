import { withoutSlashesAtEnd } from '../base-url.ts';

/** The run of an Octopus server that a change request was raised for; unknown parts are empty. */
export interface OctopusRun {
  readonly serverUri: string;
  readonly spaceId: string;
  /** `Octopus.Deployment.Id` or `Octopus.RunbookRun.Id` */
  readonly runId: string;
}

const label = 'Octopus run:';

/** C1: returns the last line of a change request's description. */
export function runLine(run: OctopusRun): string {
  return `${label} ${run.serverUri} ${run.spaceId} ${run.runId}`.trimEnd();
}

/**
 * Parses the last run line of a description tolerantly: Jira may return the URL as a wiki link.
 * @returns undefined if there is no run line
 */
export function readRunLine(description: string): OctopusRun | undefined {
  let found: OctopusRun | undefined;
  // Stryker disable next-line Regex: its mutant with \V is not a regular expression.
  for (const line of description.split(/[\r\n\u2028\u2029\v\f]+/u)) {
    const match = /^\s*octopus run:(.*)$/iu.exec(line);
    if (match?.[1] !== undefined) found = readParts(match[1]);
  }
  return found;
}

function readParts(text: string): OctopusRun {
  const words = text
    // `[url]`, `[words|url]`, and Cloud's `[url|url|smart-link]`. No part may contain a bracket, and each can
    // end in only one way, so that the time stays linear in the length (X1).
    .replace(
      /\[([^[\]|]*)(?:\|([^[\]|]*)(?:\|[^[\]]*)?)?\]/gu,
      (_all, shown: string, target?: string) => target ?? shown,
    )
    .replace(/\\(?=[^\w\s])/gu, '')
    .trim()
    .split(/\s+/u)
    .filter((word) => word !== '');
  if (words.length === 3) {
    return { serverUri: words[0] ?? '', spaceId: words[1] ?? '', runId: words[2] ?? '' };
  }
  // If a part was empty, there are fewer words; their form shows which parts they are.
  return {
    serverUri: words.find((word) => /^https?:\/\//iu.test(word)) ?? '',
    spaceId: words.find((word) => /^spaces-/iu.test(word)) ?? '',
    runId: words.find((word) => /^(?:deployments|runbookruns)-/iu.test(word)) ?? '',
  };
}

/** Returns the URL of a task's page in the Octopus portal. */
export function taskPage({ serverUri, spaceId }: Omit<OctopusRun, 'runId'>, taskId: string): string {
  return `${withoutSlashesAtEnd(serverUri)}/app#/${spaceId}/tasks/${taskId}`;
}

/** Folds a server address for comparison: a trailing slash and the case of the host do not matter. */
function foldServer(uri: string): string {
  if (!URL.canParse(uri)) return withoutSlashesAtEnd(uri).toLowerCase();
  const url = new URL(uri);
  return `${url.protocol}//${url.host}${withoutSlashesAtEnd(url.pathname)}`;
}

function same(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

/** L13: whether the run line names a server or space other than this run's; empty parts are ignored. */
export function isOfAnotherServerOrSpace(line: OctopusRun, run: OctopusRun): boolean {
  const otherServer =
    line.serverUri !== '' && run.serverUri !== '' && foldServer(line.serverUri) !== foldServer(run.serverUri);
  const otherSpace = line.spaceId !== '' && run.spaceId !== '' && !same(line.spaceId, run.spaceId);
  return otherServer || otherSpace;
}

/** R3: whether both name the same server and the same space. */
export function isSameServerAndSpace(a: Omit<OctopusRun, 'runId'>, b: Omit<OctopusRun, 'runId'>): boolean {
  return foldServer(a.serverUri) === foldServer(b.serverUri) && same(a.spaceId, b.spaceId);
}

/**
 * C1: whether the run line names this run; an empty id matches no run. The line may have lost parts that this
 * run wrote, but must not name a server or space that this run does not know: ids are unique only per server.
 */
export function isOfThisRun(line: OctopusRun | undefined, run: OctopusRun): boolean {
  if (line === undefined || line.runId === '' || run.runId === '') return false;
  const namesMore =
    (run.serverUri === '' && line.serverUri !== '') || (run.spaceId === '' && line.spaceId !== '');
  return same(line.runId, run.runId) && !namesMore && !isOfAnotherServerOrSpace(line, run);
}

/** Changes text from variables so that it does not read as a run line. */
export function withoutRunLine(text: string): string {
  return text.replace(/octopus run:/giu, (found) => found.replace(':', ' -'));
}

/** Returns the last line of a comment: the run line, and a mark by which a repeated run knows its comment. */
export function markedRunLine(run: OctopusRun, mark: string): string {
  return `${runLine(run)} (${mark})`;
}

/** Returns the mark of a comment that this run wrote; undefined for any other comment. */
export function markOfRun(comment: string, run: OctopusRun): string | undefined {
  const last = comment.split(/[\r\n]+/u).findLast((line) => line.trim() !== '');
  const marked = /^(.*)\(([a-z-]+)\)$/u.exec(last?.trim() ?? '');
  const [, line = '', mark] = marked ?? [];
  return isOfThisRun(readRunLine(line), run) ? mark : undefined;
}
