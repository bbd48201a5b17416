import { type OctopusRun, taskPage } from '../../domain/deployment/run-line.ts';
import { link, type Text, text } from '../../domain/text.ts';
import type { Clock, TaskLog } from '../ports.ts';
import type { ParkedSite } from './parked-run.ts';
import type { OctopusServer } from './ports.ts';

/** What a pass of `Resume` uses. */
export interface PassContext {
  readonly octopus: OctopusServer;
  readonly sites: readonly ParkedSite[];
  /** The server and space whose park lines this pass answers. */
  readonly here: Omit<OctopusRun, 'runId'>;
  /** 0: no limit. */
  readonly parkLimitMs: number;
  readonly clock: Clock;
  /** Waits; rejects with the reason when the run ends. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: TaskLog;
  /** Removes secrets from a text (X3). */
  readonly redact: (text: string) => string;
}

/** Returns the parked run as a link to its task. */
export function runLink({ here }: PassContext, runId: string, taskId: string): Text {
  const url = taskPage(here, taskId);
  return URL.canParse(url) && taskId !== '' ? link(runId, new URL(url)) : text`${runId}`;
}
