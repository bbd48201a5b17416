import type { ChangeRecord } from './record.ts';

/** E5: the record as a page for people. */
export function recordPage(record: ChangeRecord): string {
  return `<!doctype html><title>${record.ending.decision}</title>\n`;
}
