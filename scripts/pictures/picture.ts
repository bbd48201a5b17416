import { createHash } from 'node:crypto';
import { changeRecordPage } from './change-record.ts';
import { changeRequestPage } from './change-request.ts';
import { demoCapture } from './demo-capture.ts';
import { slotsPicture } from './slots.ts';
import { allowedSummary, refusedSummary, waitingSummary } from './task-summary.ts';

/** A picture of the documents, made from what a real run printed or wrote. */
export interface Picture {
  /** In docs/pictures. A PNG is the source as a page in the browser; an SVG is the source itself. */
  readonly file: `${string}.png` | `${string}.svg`;
  /** The same text each time, as long as the product and the page's style are the same. */
  readonly source: () => Promise<string>;
  /** Of a PNG, in CSS pixels; 720 by default. */
  readonly width?: number;
  /** Pixels of a PNG for one of CSS; 1.5 by default. */
  readonly scale?: number;
}

/** A new picture is a new entry; `npm run pictures` then makes it. */
export const pictures: readonly Picture[] = [
  { file: 'task-summary-waiting.png', source: waitingSummary },
  { file: 'task-summary-allowed.png', source: allowedSummary },
  { file: 'task-summary-refused.png', source: refusedSummary },
  { file: 'change-request.png', source: changeRequestPage, width: 1000, scale: 1 },
  { file: 'change-record.png', source: changeRecordPage, width: 900, scale: 1 },
  { file: 'demo.svg', source: demoCapture },
  { file: 'slots.svg', source: slotsPicture },
];

export const picturesFolder = new URL('../../docs/pictures/', import.meta.url);
/** The digest of the source of each picture, by its file. */
export const digestsFile = new URL('sources.json', picturesFolder);

export function digestOf(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}
