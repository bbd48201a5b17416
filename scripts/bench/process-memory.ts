import { existsSync, readFileSync } from 'node:fs';

/** The memory of a process in MB, as Linux counts it. */
export interface ProcessMemory {
  readonly now: number;
  readonly peak: number;
  /** What the process has allocated, without the pages of Node's own file. */
  readonly own: number;
}

/** Why memory cannot be measured on this machine; undefined if it can. */
export const memoryUnknown = existsSync('/proc/self/status')
  ? undefined
  : 'needs /proc, which only Linux has';

export function processMemory(pid: number): ProcessMemory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM'), own: megabytes('RssAnon') };
}
