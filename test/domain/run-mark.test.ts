import { describe, expect, it } from 'vitest';
import type { OctopusRun } from '../../src/domain/run-line.ts';
import { markedRunLine, markOfRun } from '../../src/domain/run-mark.ts';

const run: OctopusRun = {
  serverUri: 'https://octopus.acme.example',
  spaceId: 'Spaces-1',
  runId: 'Deployments-421',
};
const line = 'Octopus run: https://octopus.acme.example Spaces-1 Deployments-421';

describe('the mark of a comment', () => {
  it('[V3] stands behind the run line', () => {
    expect(markedRunLine(run, 'started')).toBe(`${line} (started)`);
  });

  it.each<[string, string, string | undefined]>([
    ['its last line', `It starts.\n\n${line} (started)`, 'started'],
    ['with blank lines after it', `It starts.\r\n\r\n${line} (started) \n \n`, 'started'],
    ['of two words', `${line} (pre-approved)`, 'pre-approved'],
    ['of two marks the last', `${line} (waiting)\n${line} (started)`, 'started'],
    ['with text behind the mark', `${line} (started) again`, undefined],
    ['with text behind the line', `${line} (started)\nSeen.`, undefined],
    ['with text before the line', `See ${line} (started)`, undefined],
    ['in capitals', `${line} (Started)`, undefined],
    ['without a mark', line, undefined],
    ['with an empty mark', `${line} ()`, undefined],
    ['of another run', `${line.replace('421', '422')} (started)`, undefined],
    ['of another space', `${line.replace('Spaces-1', 'Spaces-2')} (started)`, undefined],
    ['of nobody', 'Thanks (started)', undefined],
    ['empty', '', undefined],
  ])('[V3] of a comment: %s', (_what, comment, mark) => {
    expect(markOfRun(comment, run)).toBe(mark);
  });
});
