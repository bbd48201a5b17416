import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changeState,
  defaultProceedStatuses,
  defaultWaitStatuses,
  isNamed,
  isOpen,
  namedStatuses,
  stateSets,
} from '../../../src/domain/change/change-state.ts';
import { foldName } from '../../../src/domain/names.ts';
import { aStatus } from './a-change-request.ts';

const defaults = { proceed: defaultProceedStatuses, wait: defaultWaitStatuses };

describe('what a status means', () => {
  it.each(['Implementing', 'implementing', 'IMPLEMENTING', '  Implementing '])(
    '[T1] "%s" allows the deployment',
    (name) => {
      expect(changeState(aStatus(name), defaults)).toBe('proceed');
    },
  );

  it.each([
    'Review',
    'Preview',
    'Planning',
    'Authorize',
    'Awaiting Implementation',
    'Awaiting implementation',
    'awaiting  IMPLEMENTATION',
    'Awaiting\u00a0implementation',
    'Peer review / change manager approval',
    'Awaiting CAB approval',
  ])('[T2] the step waits in "%s"', (name) => {
    expect(changeState(aStatus(name), defaults)).toBe('wait');
  });

  it.each([
    'Declined',
    'Canceled',
    'Completed',
    'Closed',
    'Resolved',
    'Failed',
    'Pending',
    'Done',
    '',
    ' ',
    'Implementing.',
    'Implement',
    'Implementing soon',
    'Awaitingimplementation',
    'constructor',
    '__proto__',
  ])('[T3] "%s" stops the deployment', (name) => {
    expect(changeState(aStatus(name), defaults)).toBe('other');
  });

  it('[T3] any name in neither list stops the deployment', () => {
    const known = new Set([...defaults.proceed, ...defaults.wait].map(foldName));
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((name) => !known.has(foldName(name))),
        (name) => changeState(aStatus(name), defaults) === 'other',
      ),
    );
  });

  it('[T3] ignores the case and the spaces of a name', () => {
    const blanks = fc.stringMatching(/^[ \t\u00a0]{1,3}$/);
    const styled = fc.constantFrom(...defaults.wait).chain((name) =>
      fc
        .tuple(blanks, fc.array(fc.boolean(), { minLength: name.length, maxLength: name.length }))
        .map(([blank, upper]) =>
          [...name]
            .map((letter, at) => (upper[at] ? letter.toUpperCase() : letter.toLowerCase()))
            .join('')
            .replace(/ /g, blank),
        ),
    );
    fc.assert(fc.property(styled, (name) => changeState(aStatus(name), defaults) === 'wait'));
  });

  it.each([
    ['the untranslated name of a status', aStatus('実装中', { untranslatedName: 'Implementing' })],
    ['the id of a status', aStatus('En curso', { id: '3' })],
  ])('[T4] a list may contain %s', (_what, status) => {
    expect(changeState(status, { proceed: ['Implementing', '3'], wait: [] })).toBe('proceed');
  });

  it('[T4] prefers the name that Jira shows to the untranslated name', () => {
    const status = aStatus('Paused', { untranslatedName: 'Implementing' });
    expect(changeState(status, { proceed: ['Implementing'], wait: ['Paused'] })).toBe('wait');
  });

  it('[T4] waits in a status that is in both lists, so that a contradiction never proceeds', () => {
    expect(changeState(aStatus('Ready'), { proceed: ['ready'], wait: ['READY'] })).toBe('wait');
  });

  it('[T4] ignores an empty entry of a list', () => {
    expect(changeState(aStatus('', { id: '' }), { proceed: ['', ' '], wait: [] })).toBe('other');
  });
});

describe('the status lists in use', () => {
  it('[T4] are the defaults if none is given', () => {
    expect(stateSets({})).toEqual({ ...defaults, inBoth: [] });
  });

  it('[T4] replace only the defaults of the list that is given', () => {
    expect(stateSets({ proceed: ['Approved'] })).toEqual({
      proceed: ['Approved'],
      wait: defaultWaitStatuses,
      inBoth: [],
    });
    expect(stateSets({ wait: ['New'] })).toEqual({
      proceed: defaultProceedStatuses,
      wait: ['New'],
      inBoth: [],
    });
  });

  it('[T4] do not contain a status by default that the other list names', () => {
    expect(stateSets({ proceed: ['awaiting  implementation'] }).wait).not.toContain(
      'Awaiting Implementation',
    );
    expect(stateSets({ wait: ['IMPLEMENTING'] }).proceed).toEqual([]);
  });

  it('[T4] report a status that both lists name regardless of case', () => {
    const sets = stateSets({ proceed: ['Implementing', 'Ready'], wait: ['review', 'READY', 'implementing'] });
    expect(sets.inBoth).toEqual(['READY', 'implementing']);
  });

  it('[T4] contain everything given, and no default that contradicts it', () => {
    const names = fc.option(fc.array(fc.constantFrom(...defaults.proceed, ...defaults.wait, 'Ready')), {
      nil: undefined,
    });
    fc.assert(
      fc.property(names, names, (proceed, wait) => {
        const sets = stateSets({ proceed, wait });
        if (proceed !== undefined) expect(sets.proceed).toEqual(proceed);
        if (wait !== undefined) expect(sets.wait).toEqual(wait);
        if (proceed === undefined || wait === undefined) {
          const inProceed = new Set(sets.proceed.map(foldName));
          expect(sets.wait.filter((name) => inProceed.has(foldName(name)))).toEqual([]);
        }
      }),
    );
  });
});

describe('a status', () => {
  const status = { id: '10001', name: '実装中', untranslatedName: 'Implementing' };

  it.each([
    ['実装中', true],
    [' IMPLEMENTING ', true],
    ['10001', true],
    ['Review', false],
    ['', false],
    [' ', false],
  ])('[T3] matches "%s": %s', (wanted, isMeant) => {
    expect(isNamed(status, wanted)).toBe(isMeant);
    expect(isNamed({ id: '', name: '' }, wanted)).toBe(false);
  });
});

describe('the statuses that a search must name', () => {
  it('[L5] are those of both lists that are not defaults, in any case', () => {
    expect(namedStatuses(defaults)).toEqual([]);
    expect(
      namedStatuses({ proceed: ['Approved', 'REVIEW', 'Implementing'], wait: ['implementing ', 'New'] }),
    ).toEqual(['Approved', 'New']);
  });
});

describe('an open change request', () => {
  it.each([
    ['new', 'Review', true],
    ['indeterminate', 'Implementing', true],
    ['indeterminate', 'Pending', true],
    ['undefined', 'Odd', true],
    ['', 'Odd', true],
    ['done', 'Completed', false],
    ['done', 'Declined', false],
    ['done', 'Implementing', true],
    ['done', 'Awaiting implementation', true],
  ])('[L5] in category "%s" and status "%s" is open: %s', (category, name, open) => {
    expect(isOpen(aStatus(name, { category }), defaults)).toBe(open);
  });
});
