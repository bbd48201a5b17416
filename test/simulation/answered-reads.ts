import type { SimulatedRun } from './simulate.ts';
import type { SimulatedRequest } from './simulated-network.ts';

/** An issue as an answer shows it, however wrong. */
export interface Read {
  /** The key or id that was asked for; undefined: it came in bulk. */
  readonly asked: string | undefined;
  readonly answer: {
    readonly id?: unknown;
    readonly key?: unknown;
    readonly fields?: Readonly<Record<string, unknown>>;
  };
  readonly request: SimulatedRequest;
}

/** The issues in the good answers of a run, in their order. */
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
 * A2: the approvals of a change request as the last listing shows them whose first page was asked for by this time;
 * undefined if it cannot be read.
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
