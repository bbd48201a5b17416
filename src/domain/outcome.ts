import type { Text } from './text.ts';

/** How a run ended. */
export interface Ending {
  readonly decision: 'NotRequired' | 'Proceed' | 'Stop' | 'TimedOut' | 'Error';
  /** One sentence. */
  readonly reason: Text;
  /** What to do, where there is something. */
  readonly advice?: Text;
}
