import type { SimulatedRun } from './simulate.ts';
import type { SimulatedRequest } from './simulated-network.ts';

/** An issue as an answer shows it, whether correct or not. */
export interface Read {
  /** The requested key or id; undefined for an issue from a bulk read. */
  readonly asked: string | undefined;
  readonly answer: {
    readonly id?: unknown;
    readonly key?: unknown;
    readonly fields?: Readonly<Record<string, unknown>>;
  };
  readonly request: SimulatedRequest;
}

/** Returns the issues in the good answers of a run, in order. */
export function readsOf(run: SimulatedRun): readonly Read[] {
  return run.requests.flatMap((request) => {
    const asked = /\/issue\/([^/]+)$/.exec(request.path)?.[1];
    const json = jsonOf(request.text ?? '');
    if (request.outcome !== 200 || asked === undefined) return [];
    const isBulk = asked === 'bulkfetch';
    if (!isBulk && request.method !== 'GET') return [];
    const answers: unknown = isBulk ? (json as { issues?: unknown } | null)?.issues : [json];
    if (!Array.isArray(answers)) return [];
    return answers
      .filter((answer) => typeof answer === 'object' && answer !== null)
      .map((answer) => ({ asked: isBulk ? undefined : decodeURIComponent(asked), answer, request }));
  });
}

/**
 * A2: returns the approvals of a change request from the last listing whose first page was requested by this
 * time; undefined if they could not be read.
 */
export function approvalsIn(run: SimulatedRun, key: string, byMs: number): readonly unknown[] | undefined {
  const asked = run.requests.filter(({ path }) => path.endsWith(`/request/${key}/approval`));
  const isFirst = ({ query }: SimulatedRequest): boolean => /start=0(?:&|$)/.test(query) || query === '';
  const first = asked.findLastIndex(
    (request) => isFirst(request) && request.sentMs <= byMs && request.outcome === 200,
  );
  if (first < 0) return undefined;
  const next = asked.findIndex((request, index) => index > first && isFirst(request));
  const pages = asked.slice(first, next < 0 ? undefined : next).map((request) => {
    const values: unknown = (jsonOf(request.text ?? '') as { values?: unknown } | null | undefined)?.values;
    return Array.isArray(values) ? values : [undefined];
  });
  return pages.flat();
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
