import { createHash } from 'node:crypto';
import { changeRecordPage } from './change-record.ts';
import { changeRequestPage } from './change-request.ts';
import { demoCapture } from './demo-capture.ts';
import { slotsPicture } from './slots.ts';
import { allowedSummary, refusedSummary, waitingSummary } from './task-summary.ts';

/** A picture for the documents, made from what a real run printed or wrote. */
export interface Picture {
  /**
   * File name in docs/pictures. A PNG is a screenshot of the source as a web page; an SVG is the source
   * itself.
   */
  readonly file: `${string}.png` | `${string}.svg`;
  /** Returns the same text as long as the product and the page's style are the same. */
  readonly source: () => Promise<string>;
  /** Width of a PNG in CSS pixels; 720 by default. */
  readonly width?: number;
  /** Pixels of a PNG per CSS pixel; 1.5 by default. */
  readonly scale?: number;
}

/** To add a picture, add an entry; `npm run pictures` then makes it. */
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
/** Contains the digest of each picture's source, by file name. */
export const digestsFile = new URL('sources.json', picturesFolder);

export function digestOf(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}
