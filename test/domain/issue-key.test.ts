import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { issueKey, issueNumberOf, suppliedNumber } from '../../src/domain/issue-key.ts';

const site = new URL('https://acme.atlassian.net');
const dataCenter = new URL('https://jira.acme.example:8443/jira/');

describe('an issue key', () => {
  it.each([
    ['CHG-12', 'CHG-12'],
    ['chg-12', 'CHG-12'],
    ['  Chg-12\t', 'CHG-12'],
    ['A1_B-7', 'A1_B-7'],
    ['X-1', 'X-1'],
    ['CHG-99999999999999999999', 'CHG-99999999999999999999'],
  ])('[L2] "%s" is the key %s', (text, key) => {
    expect(issueKey(text)).toBe(key);
  });

  it.each([
    '',
    '12',
    'CHG',
    'CHG-',
    '-12',
    'CHG12',
    'CHG-0',
    'CHG-012',
    'CHG--12',
    'CHG-12a',
    'CHG-12 CHG-13',
    'CHG 12',
    '1CHG-12',
    '_CHG-12',
    'CH G-12',
    'CHG-１２',
    'ß-12',
    'chſ-12',
    'ﬁ-1',
    'ı-1',
    'СHG-12',
    'CHG-12\u0000',
    'CHG-12/../../x',
    'CHG-12?fields=x',
    '#{Number}',
  ])('[L2] "%s" is not a key', (text) => {
    expect(issueKey(text)).toBeUndefined();
  });

  it('[L2] is plain ASCII that needs no escaping in a path for any text', () => {
    const near = fc.stringMatching(/^[A-Za-z0-9_ßıſﬁЖé%/?#. -]{0,12}-[0-9]{0,4}$/);
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        const key = issueKey(text);
        if (key === undefined) return;
        expect(key).toMatch(/^[A-Z][A-Z0-9_]*-[1-9][0-9]*$/);
        expect(key.toLowerCase()).toBe(text.trim().toLowerCase());
      }),
      { numRuns: 1000 },
    );
  });

  it('contains its number', () => {
    expect(issueNumberOf('A_1-234')).toBe(234);
  });
});

describe('a supplied number', () => {
  it.each([
    ['chg-12'],
    [' CHG-12 '],
    ['https://acme.atlassian.net/browse/CHG-12'],
    ['https://acme.atlassian.net/browse/chg-12/'],
    ['http://acme.atlassian.net/browse/CHG-12'],
    ['HTTPS://ACME.ATLASSIAN.NET/browse/CHG-12'],
    ['https://acme.atlassian.net:443/browse/CHG-12'],
    ['https://acme.atlassian.net/browse/CHG-12?focusedCommentId=10001#comment-10001'],
    ['https://acme.atlassian.net/servicedesk/customer/portal/2/CHG-12'],
    ['https://acme.atlassian.net/servicedesk/customer/portal/2/CHG-12?created=true'],
    ['https://acme.atlassian.net/jira/servicedesk/projects/CHG/queues/custom/31/CHG-12'],
    ['https://acme.atlassian.net/projects/CHG/queues/custom/31/CHG-12'],
    ['https://acme.atlassian.net/jira/core/projects/CHG/board?selectedIssue=CHG-12'],
    ['https://acme.atlassian.net/jira/servicedesk/projects/OTH/queues?selectedIssue=chg-12&x=1'],
    ['https://acme.atlassian.net/browse/CHG-12?selectedIssue='],
    ['https://acme.atlassian.net/board?selectedIssue=&selectedIssue=CHG-12'],
    ['  https://acme.atlassian.net/browse/CHG-12  '],
  ])('[L2] "%s" is CHG-12', (text) => {
    expect(suppliedNumber(text, site)).toEqual({ kind: 'key', key: 'CHG-12' });
  });

  it.each([
    ['https://jira.acme.example:8443/jira/browse/CHG-12', { kind: 'key', key: 'CHG-12' }],
    ['https://jira.acme.example:8443/jira?selectedIssue=CHG-12', { kind: 'key', key: 'CHG-12' }],
    ['https://jira.acme.example:8443/browse/CHG-12', { kind: 'not-a-key' }],
    ['https://jira.acme.example:8443/jira2/browse/CHG-12', { kind: 'not-a-key' }],
    ['https://jira.acme.example/jira/browse/CHG-12', { kind: 'other-site', host: 'jira.acme.example' }],
  ])('[L2] under a context path and a port, "%s" gives %j', (text, found) => {
    expect(suppliedNumber(text, dataCenter)).toEqual(found);
  });

  it('[L2] ignores a context path that looks like a key', () => {
    const found = suppliedNumber(
      'https://acme.example/jira-2/browse/CHG-12',
      new URL('https://acme.example/jira-2'),
    );
    expect(found).toEqual({ kind: 'key', key: 'CHG-12' });
  });

  it.each([
    ['https://evil.example/browse/CHG-12', 'evil.example'],
    ['https://acme.atlassian.net.evil.example/browse/CHG-12', 'acme.atlassian.net.evil.example'],
    ['https://acme.atlassian.net@evil.example/browse/CHG-12', 'evil.example'],
    ['https://other.atlassian.net/browse/CHG-12', 'other.atlassian.net'],
  ])('[L2] "%s" is a link to another site', (text, host) => {
    expect(suppliedNumber(text, site)).toEqual({ kind: 'other-site', host });
  });

  it.each([
    'yes please',
    'view-source:https://acme.atlassian.net/browse/CHG-12',
    'https://acme.atlassian.net/',
    'https://acme.atlassian.net/browse/',
    'https://acme.atlassian.net/browse/CHG-12/comments',
    'https://acme.atlassian.net/browse/%43HG-12x',
    'https://acme.atlassian.net/browse/CHG-12%',
    'https://acme.atlassian.net/browse/CHG-12%E2%80',
    'https://acme.atlassian.net/browse%2FCHG-12',
    'https://acme.atlassian.net/browse/CHG-12?selectedIssue=%E2%80',
    'https://acme.atlassian.net/jira/core/projects/CHG/board?selectedIssue=',
    'https://acme.atlassian.net/browse/CHG-12?selectedIssue=nothing',
    'javascript:CHG-12',
    'ftp://acme.atlassian.net/browse/CHG-12',
    'acme.atlassian.net/browse/CHG-12',
    'https://',
  ])('[L2] "%s" is not a number', (text) => {
    expect(suppliedNumber(text, site)).toEqual({ kind: 'not-a-key' });
  });

  it.each([
    ['a soft hyphen', 'CHG\u00AD-12'],
    ['direction marks', '\u200ECHG-12\u200F'],
    ['direction overrides and isolates', '\u202DCHG-12\u202C\u2066\u2069'],
    ['an Arabic letter mark', '\u061CCHG-12'],
    ['zero widths', 'C\u200BH\u200CG\u200D-12\u2060\uFEFF'],
    ['a variation selector', 'CHG-12\uFE0F'],
    ['a mark inside a link', 'https://acme.atlassian.net/browse/CHG\u00AD-12\u200E'],
    ['an encoded mark in a link', 'https://acme.atlassian.net/browse/CHG%C2%AD-12%E2%80%8B'],
    ['an encoded mark behind a slash', 'https://acme.atlassian.net/browse/CHG-12/%E2%80%8B'],
    ['an encoded space in a link', 'https://acme.atlassian.net/browse/CHG-12%20'],
    ['an encoded mark in a query', 'https://acme.atlassian.net/board?selectedIssue=CHG%E2%80%8B-12'],
    ['a query with nothing but a mark', 'https://acme.atlassian.net/browse/CHG-12?selectedIssue=%E2%80%8B'],
  ])('[L2] ignores %s, which is invisible', (_what, text) => {
    expect(suppliedNumber(text, site)).toEqual({ kind: 'key', key: 'CHG-12' });
  });

  it.each([
    ['https://acme.atlassian.net/browse/CHG-1?selectedIssue=CHG-2', ['CHG-1', 'CHG-2']],
    ['https://acme.atlassian.net/browse/chg-1/CHG-2', ['CHG-1', 'CHG-2']],
    ['https://acme.atlassian.net/board?selectedIssue=CHG-1&selectedIssue=OPS-1', ['CHG-1', 'OPS-1']],
  ])('[L2] "%s" names two change requests', (text, keys) => {
    expect(suppliedNumber(text, site)).toEqual({ kind: 'two-keys', keys });
  });

  it('[L2] accepts a link that names one change request twice', () => {
    const twice = 'https://acme.atlassian.net/browse/CHG-1?selectedIssue=chg-1';
    expect(suppliedNumber(twice, site)).toEqual({ kind: 'key', key: 'CHG-1' });
  });

  it('[L2] is always a key or a rejection, and never throws', () => {
    const links = fc.webUrl({ withQueryParameters: true, withFragments: true });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), links), (text) => {
        const found = suppliedNumber(text, site);
        if (found.kind === 'key') expect(issueKey(found.key)).toBe(found.key);
      }),
    );
  });
});
