import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isParkedAt,
  keyParkedFor,
  parkLine,
  readParkLine,
} from '../../../src/domain/deployment/park-line.ts';

const browseUrl = new URL('https://acme.atlassian.net/browse/CHG-12');
const run = { serverUri: 'https://octopus.acme.example', spaceId: 'Spaces-1', runId: 'Deployments-101' };
const written =
  'Parked: https://acme.atlassian.net/browse/CHG-12 https://octopus.acme.example Spaces-1 Deployments-101';
const read = { browseUrl: browseUrl.href, run };

describe('the park line', () => {
  it('[R2] names the change request, the server, the space and the run', () => {
    expect(parkLine(browseUrl, run)).toBe(written);
  });

  it.each([
    ['server', { ...run, serverUri: '' }],
    ['space', { ...run, spaceId: ' ' }],
    ['run', { ...run, runId: '' }],
  ])('[R2] is not written if the %s is blank', (_part, incomplete) => {
    expect(parkLine(browseUrl, incomplete)).toBeUndefined();
  });

  it('[R2] trims the spaces around its parts', () => {
    const spaced = { serverUri: ` ${run.serverUri}`, spaceId: `${run.spaceId}\t`, runId: ` ${run.runId} ` };
    expect(parkLine(browseUrl, spaced)).toBe(written);
  });

  it.each(['Spaces 1', 'Spaces-1\nParked: x', '#{Octopus.Space.Id}'])(
    '[R2] is not written if a part could not be read back: "%s"',
    (spaceId) => {
      expect(parkLine(browseUrl, { ...run, spaceId })).toBeUndefined();
    },
  );

  it('[R3] is read back after any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (before) => {
        expect(readParkLine(`${before}\n${written}`)).toEqual(read);
      }),
    );
  });

  it.each([
    ['nothing else', written],
    ['spaces and line breaks after it', `${written} \t\r\n\r\n \n`],
    ['spaces before it', `text\r\n  ${written}`],
    ['another park line before it', `${written.replace('CHG-12', 'CHG-7')}\n${written}`],
    ['more spaces between its parts', written.replaceAll(' ', '  ')],
  ])('[R3] is read with %s', (_how, instructions) => {
    expect(readParkLine(instructions)).toEqual(read);
  });

  it.each([
    ['nothing', ''],
    ['no park line', 'Approve this deployment.'],
    ['a park line that is not the last line', `${written}\nsaid later`],
    ['words before it', `See ${written}`],
    ['words after it', `${written} now`],
    ['a missing part', written.replace(' Spaces-1', '')],
    ['the label in lower case', written.replace('Parked:', 'parked:')],
    ['a run line', written.replace('Parked:', 'Octopus run:')],
    ['a quotation', `> ${written}`],
  ])('[R3] is not found in %s', (_what, instructions) => {
    expect(readParkLine(instructions)).toBeUndefined();
  });

  it.each([
    ['the same', run, true],
    ['a trailing slash', { ...run, serverUri: 'https://octopus.acme.example/' }, true],
    ['the host in capitals', { ...run, serverUri: 'https://OCTOPUS.acme.example' }, true],
    ['the space in lower case', { ...run, spaceId: 'spaces-1' }, true],
    ['another server', { ...run, serverUri: 'https://octopus.example' }, false],
    ['another path', { ...run, serverUri: 'https://octopus.acme.example/two' }, false],
    ['another protocol', { ...run, serverUri: 'http://octopus.acme.example' }, false],
    ['another space', { ...run, spaceId: 'Spaces-2' }, false],
    ['no server', { ...run, serverUri: '' }, false],
    ['no space', { ...run, spaceId: '' }, false],
  ])('[R3] compares its server and space with %s', (_what, here, expected) => {
    expect(isParkedAt(read, here)).toBe(expected);
  });

  it.each([
    ['https://acme.atlassian.net/browse/CHG-12', 'CHG-12'],
    ['https://acme.atlassian.net/browse/chg-12', undefined],
    ['https://acme.atlassian.net/browse/CHG-12/', undefined],
    ['https://acme.atlassian.net/browse/CHG-12?x', undefined],
    ['https://acme.atlassian.net/browse/CHG-12#CHG-13', undefined],
    ['https://ACME.atlassian.net/browse/CHG-12', undefined],
    ['https://acme.atlassian.net/jira/browse/CHG-12', undefined],
    ['https://acme.atlassian.net.evil.example/browse/CHG-12', undefined],
    ['https://evil.example/https://acme.atlassian.net/browse/CHG-12', undefined],
    ['http://acme.atlassian.net/browse/CHG-12', undefined],
    ['https://acme.atlassian.net/browse/', undefined],
    ['CHG-12', undefined],
  ])('[R3] names a change request only in the exact browse URL of the site: %s', (url, key) => {
    expect(keyParkedFor({ browseUrl: url, run }, 'https://acme.atlassian.net')).toBe(key);
  });

  it('[X1] is read in time linear in the length', () => {
    const long = `Parked: ${' \n'.repeat(1_000_000)}x${' '.repeat(1_000_000)}`;
    const start = performance.now();
    expect(readParkLine(long)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
