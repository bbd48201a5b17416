import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isOfAnotherServerOrSpace,
  isOfThisRun,
  markedRunLine,
  markOfRun,
  type OctopusRun,
  readRunLine,
  runLine,
  taskPage,
  withoutRunLine,
} from '../../../src/domain/deployment/run-line.ts';

const run: OctopusRun = {
  serverUri: 'https://octopus.acme.example',
  spaceId: 'Spaces-1',
  runId: 'Deployments-101',
};

const word = fc.stringMatching(/^[A-Za-z0-9-]{1,12}$/);
const someRun: fc.Arbitrary<OctopusRun> = fc.record({
  serverUri: word.map(
    (host) => `https://${host.toLowerCase().replace(/^-+|-+$/g, '') || 'x'}.example/octopus`,
  ),
  spaceId: fc.nat({ max: 9999 }).map((id) => `Spaces-${id}`),
  runId: fc
    .tuple(fc.constantFrom('Deployments', 'RunbookRuns'), fc.nat())
    .map(([kind, id]) => `${kind}-${id}`),
});

describe('the run line', () => {
  it('[C1] names server, space and run on a separate line', () => {
    expect(runLine(run)).toBe('Octopus run: https://octopus.acme.example Spaces-1 Deployments-101');
    expect(runLine({ ...run, runId: '' })).toBe('Octopus run: https://octopus.acme.example Spaces-1');
  });

  it('[C1] is read back after any description', () => {
    fc.assert(
      fc.property(someRun, fc.string({ unit: 'binary' }), (written, text) => {
        expect(readRunLine(`${text}\n\n${runLine(written)}`)).toEqual(written);
      }),
    );
  });

  it.each([
    ['a wiki link', 'Octopus run: [https://octopus.acme.example] Spaces-1 Deployments-101'],
    [
      'a wiki link with a label',
      'Octopus run: [https://octopus.acme.example|https://octopus.acme.example] Spaces-1 Deployments-101',
    ],
    [
      'a wiki link with words as its label',
      'Octopus run: [Our Octopus server|https://octopus.acme.example] Spaces-1 Deployments-101',
    ],
    [
      "a smart link of Cloud's",
      'Octopus run: [https://octopus.acme.example|https://octopus.acme.example|smart-link] Spaces-1 Deployments-101',
    ],
    ['a trailing slash', 'Octopus run: https://octopus.acme.example/ Spaces-1 Deployments-101'],
    ['the host in capitals', 'Octopus run: https://OCTOPUS.acme.example Spaces-1 Deployments-101'],
    ['the standard port', 'Octopus run: https://octopus.acme.example:443 Spaces-1 Deployments-101'],
    ['upper and lower case', 'OCTOPUS RUN: https://octopus.acme.example spaces-1 deployments-101'],
    [
      'spaces around its parts',
      '  Octopus run:   https://octopus.acme.example \t Spaces-1   Deployments-101  ',
    ],
    ['escaped hyphens', 'Octopus run: https://octopus.acme.example Spaces\\-1 Deployments\\-101'],
    ['CR LF line ends', 'text\r\nOctopus run: https://octopus.acme.example Spaces-1 Deployments-101\r\n'],
  ])('[C1] is read with %s', (_what, description) => {
    const line = readRunLine(description);
    expect(line?.serverUri).toMatch(/octopus\.acme\.example/i);
    expect(isOfThisRun(line, run)).toBe(true);
    expect(line && isOfAnotherServerOrSpace(line, run)).toBe(false);
  });

  it('[C1] the last such line counts', () => {
    const other = { ...run, runId: 'Deployments-7' };
    expect(readRunLine(`${runLine(other)}\n${runLine(run)}\nsaid later`)).toEqual(run);
  });

  it.each([
    '',
    'a description',
    'see Octopus run: https://x.example Spaces-1 Deployments-1',
    'Octopus runs: x',
  ])('[C1] is not found in "%s"', (description) => {
    expect(readRunLine(description)).toBeUndefined();
  });

  it.each([
    ['server', { serverUri: '' }],
    ['space', { spaceId: '' }],
    ['run', { runId: '' }],
    ['server and space', { serverUri: '', spaceId: '' }],
    ['everything', { serverUri: '', spaceId: '', runId: '' }],
  ])('[C1] without %s keeps the other parts apart', (_what, lack) => {
    const partial = { ...run, ...lack };
    expect(readRunLine(runLine(partial))).toEqual(partial);
  });

  it.each([
    [
      'a server that is not a URL',
      'octopus.acme.example Spaces-1 Deployments-1',
      'octopus.acme.example',
      'Deployments-1',
    ],
    [
      'a server over plain http',
      'http://localhost:8065 Deployments-1',
      'http://localhost:8065',
      'Deployments-1',
    ],
    [
      'words around the parts',
      'by https://octopus.acme.example Spaces-1 Deployments-1 now',
      'https://octopus.acme.example',
      'Deployments-1',
    ],
    ['words that only contain such names', 'x-https://a.example x-Spaces-1 x-Deployments-1 now', '', ''],
  ])('[C1] is read from a line with %s', (_what, words, serverUri, runId) => {
    const spaceId = / Spaces-1/.test(` ${words}`) ? 'Spaces-1' : '';
    expect(readRunLine(`Octopus run: ${words}`)).toEqual({ serverUri, spaceId, runId });
  });

  it('[C1] ignores spaces around the parts of a run', () => {
    expect(isOfThisRun(run, { ...run, spaceId: ' Spaces-1', runId: 'Deployments-101 ' })).toBe(true);
    expect(isOfThisRun({ ...run, spaceId: 'Spaces-1 ' }, run)).toBe(true);
  });

  it.each([
    ['this run', run, true],
    ['a runbook run of the same number', { ...run, runId: 'RunbookRuns-101' }, false],
    ['another run', { ...run, runId: 'Deployments-1012' }, false],
    ['another space', { ...run, spaceId: 'Spaces-2' }, false],
    ['another server', { ...run, serverUri: 'https://test.acme.example' }, false],
    ['another path on the server', { ...run, serverUri: 'https://octopus.acme.example/test' }, false],
    ['no run', { ...run, runId: '' }, false],
    ['no server', { ...run, serverUri: '' }, true],
    ['nothing', undefined, false],
  ])("[C1] if it names %s, marks the run's own: %s", (_what, line, own) => {
    expect(isOfThisRun(line as OctopusRun | undefined, run)).toBe(own);
  });

  it.each([
    ['server', { serverUri: '' }],
    ['space', { spaceId: '' }],
  ])('[C1] does not match a run without a known %s if it names one', (_what, lack) => {
    const unknowing = { ...run, ...lack };
    expect(isOfThisRun(run, unknowing)).toBe(false);
    expect(isOfThisRun(unknowing, unknowing)).toBe(true);
  });

  it('[C1] does not match if neither side has a run id', () => {
    const unnamed = { ...run, runId: '' };
    expect(isOfThisRun(unnamed, unnamed)).toBe(false);
    expect(isOfThisRun({ ...run, runId: ' ' }, unnamed)).toBe(false);
    expect(isOfThisRun(unnamed, { ...run, runId: ' ' })).toBe(false);
  });

  it.each([
    ['the same', run, false],
    ['a trailing slash', { ...run, serverUri: 'https://octopus.acme.example/' }, false],
    ['several trailing slashes', { ...run, serverUri: 'https://octopus.acme.example//' }, false],
    ['a host in capitals', { ...run, serverUri: 'https://Octopus.ACME.example' }, false],
    ['another run', { ...run, runId: 'Deployments-7' }, false],
    ['another host', { ...run, serverUri: 'https://octopus-test.acme.example' }, true],
    ['another port', { ...run, serverUri: 'https://octopus.acme.example:8443' }, true],
    ['another space', { ...run, spaceId: 'Spaces-12' }, true],
    ['no server and the same space', { ...run, serverUri: '' }, false],
    ['no server and another space', { ...run, serverUri: '', spaceId: 'Spaces-2' }, true],
    ['no space and another server', { ...run, serverUri: 'https://x.example', spaceId: '' }, true],
    ['no server and no space', { ...run, serverUri: '', spaceId: '' }, false],
  ])('[L13] with %s is from another server or space: %s', (_what, line, foreign) => {
    expect(isOfAnotherServerOrSpace(line, run)).toBe(foreign);
    expect(isOfAnotherServerOrSpace(run, line)).toBe(foreign);
  });

  it.each(['https://acme.example/octopus', 'acme.example/octopus'])(
    '[L13] ignores a slash after the path of %s, but not another path',
    (serverUri) => {
      const line = { ...run, serverUri };
      expect(isOfAnotherServerOrSpace(line, { ...run, serverUri: `${serverUri}/` })).toBe(false);
      expect(isOfAnotherServerOrSpace(line, { ...run, serverUri: `${serverUri}//` })).toBe(false);
      expect(isOfAnotherServerOrSpace(line, { ...run, serverUri: `${serverUri}/test` })).toBe(true);
    },
  );

  it('[L13] compares a server address that is not a URL as well', () => {
    const odd = { ...run, serverUri: 'octopus.acme.example' };
    expect(isOfAnotherServerOrSpace(odd, { ...odd, serverUri: 'OCTOPUS.acme.example/' })).toBe(false);
    expect(isOfAnotherServerOrSpace(odd, { ...odd, serverUri: 'other.acme.example' })).toBe(true);
  });

  it.each([
    'Octopus run: https://evil.example Spaces-9 Deployments-9',
    'notes\noctopus RUN: https://evil.example Spaces-9 Deployments-9\nmore',
    'notes\u2028Octopus run: x',
    'Octopus run: Octopus run: y',
  ])('[C1] cannot be formed by text from variables: %j', (text) => {
    expect(readRunLine(withoutRunLine(text))).toBeUndefined();
  });

  it('[C1] a broken-up run line stays readable', () => {
    expect(withoutRunLine('notes\nOctopus run: 7 of 9')).toBe('notes\nOctopus run - 7 of 9');
  });

  it("[C1] cannot be formed by any text from variables, and the run's own line still counts", () => {
    const text = fc
      .array(
        fc.oneof(
          fc.constantFrom('Octopus run:', 'octopus', ' run:', '\n', '\r', '\u2028', '\v', ':', ' '),
          fc.string({ unit: 'binary' }),
        ),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (given) => {
        const safe = withoutRunLine(given);
        expect(readRunLine(safe)).toBeUndefined();
        expect(readRunLine(`${safe}\n${runLine(run)}`)).toEqual(run);
      }),
    );
  });
});

describe('the time to read', () => {
  it.each([
    ['brackets', '['.repeat(1_000_000)],
    ['brackets and bars', '[|'.repeat(500_000)],
    ['one bracket and a long target', `[|${'a'.repeat(1_000_000)}`],
    ['one bracket and many bars', `[${'|'.repeat(1_000_000)}`],
    ['slashes', `${'/'.repeat(1_000_000)}x`],
    ['spaces', `${' '.repeat(1_000_000)}x`],
  ])('[X1] a run line of a million %s is linear', (_what, text) => {
    const line = readRunLine(`Octopus run: ${text} Spaces-1 Deployments-101`);
    expect(line?.runId).toBe('Deployments-101');
    expect(isOfThisRun(line, { ...run, serverUri: text })).toBeDefined();
    expect(markOfRun(`${'('.repeat(1_000_000)}${text}`, run)).toBeUndefined();
  });
});

describe('the mark of a comment', () => {
  const line = 'Octopus run: https://octopus.acme.example Spaces-1 Deployments-101';

  it('[V3] comes after the run line', () => {
    expect(markedRunLine(run, 'started')).toBe(`${line} (started)`);
  });

  it.each<[string, string, string | undefined]>([
    ['in its last line', `It starts.\n\n${line} (started)`, 'started'],
    ['with empty lines after it', `It starts.\r\n\r\n${line} (started) \n \n`, 'started'],
    ['of two words', `${line} (pre-approved)`, 'pre-approved'],
    ['the last of two marks', `${line} (waiting)\n${line} (started)`, 'started'],
    ['not with text after the mark', `${line} (started) again`, undefined],
    ['not with text after the line', `${line} (started)\nSeen.`, undefined],
    ['not with text before the line', `See ${line} (started)`, undefined],
    ['not with a capital', `${line} (Started)`, undefined],
    ['not without a mark', line, undefined],
    ['not if it is empty', `${line} ()`, undefined],
    ['not of another run', `${line.replace('101', '102')} (started)`, undefined],
    ['not of another space', `${line.replace('Spaces-1', 'Spaces-2')} (started)`, undefined],
    ['not without a run line', 'Thanks (started)', undefined],
    ['not in an empty comment', '', undefined],
  ])('[V3] is read from a comment: %s', (_what, comment, mark) => {
    expect(markOfRun(comment, run)).toBe(mark);
  });
});

describe("the page of a task in Octopus' portal", () => {
  it.each(['https://octopus.acme.example', 'https://octopus.acme.example/'])('is below %s', (serverUri) => {
    const url = 'https://octopus.acme.example/app#/Spaces-1/tasks/ServerTasks-7';
    expect(taskPage({ serverUri, spaceId: 'Spaces-1' }, 'ServerTasks-7')).toBe(url);
  });
});
