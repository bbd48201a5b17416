import { existsSync, readFileSync } from 'node:fs';

/** How much memory a process uses, in MB, as Linux counts it. */
export interface ProcessMemory {
  readonly now: number;
  readonly peak: number;
  /** What it has allocated itself, without the pages of Node's own file. */
  readonly own: number;
}

/** Why memory cannot be read on this machine; undefined if it can. */
export const memoryUnknown = existsSync('/proc/self/status') ? undefined : 'needs /proc, as Linux has it';

export function processMemory(pid: number): ProcessMemory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM'), own: megabytes('RssAnon') };
}
