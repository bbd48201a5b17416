import type { Text } from './text.ts';

/** How a run ended. */
export interface Outcome {
  readonly verdict: 'NotRequired' | 'Proceed' | 'Stop' | 'TimedOut' | 'Error';
  /** One sentence. */
  readonly reason: Text;
  /** What to do, if there is something. */
  readonly advice?: Text;
}
