import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { link, text } from '../../src/domain/text.ts';
import { createTaskLog, escapeNonAscii } from '../../src/octopus/task-log.ts';
import { RecordedLines } from './recorded-lines.ts';

function taskLog({ asciiOnly = false, secret = 'hunter2-hunter2' } = {}) {
  const out = new RecordedLines();
  const log = createTaskLog({ out, redact: (value) => value.replaceAll(secret, '********'), asciiOnly });
  return { out, log };
}

describe('the task log', () => {
  it('[M0] writes an ordinary line without messages', () => {
    const { out, log } = taskLog();
    log.info(text`Looking.`);
    expect(out.lines).toEqual(['Looking.']);
  });

  it.each([
    ['verbose', 'stdout-verbose'],
    ['highlight', 'stdout-highlight'],
    ['warning', 'stdout-warning'],
    ['wait', 'stdout-wait'],
  ] as const)('[M0] sets the level %s for a line and then the default level again', (level, message) => {
    const { out, log } = taskLog();
    log[level](text`Now.`);
    expect(out.lines).toEqual([`##octopus[${message}]`, 'Now.', '##octopus[stdout-default]']);
  });

  it('[P5] writes progress as a message', () => {
    const { out, log } = taskLog();
    log.progress(text`Waiting for ${'Review'}`);
    expect(out.messages).toEqual([
      { name: 'progress', attributes: { percentage: '0', message: 'Waiting for Review' } },
    ]);
  });

  it('[M1] keeps the link of a change request in a highlighted line', () => {
    const { out, log } = taskLog();
    log.highlight(text`${link('CHG-12', new URL('https://acme.atlassian.net/browse/CHG-12'))}: Review`);
    expect(out.plain).toEqual(['[CHG-12](https://acme.atlassian.net/browse/CHG-12): Review']);
  });

  it('[X3] shows no secret in a line or in progress', () => {
    const { out, log } = taskLog();
    for (const level of ['info', 'verbose', 'highlight', 'warning', 'wait', 'progress'] as const) {
      log[level](text`Jira said ${'hunter2-hunter2'}`);
    }
    const said = [...out.plain, ...out.messages.map(({ attributes }) => attributes['message'] ?? '')].join(
      ' ',
    );
    expect(said).not.toContain('hunter2');
    expect(said.match(/\*{8}/g)).toHaveLength(6);
  });

  it('[X1] leaves no service message behind when it removes a secret', () => {
    const { out, log } = taskLog({ secret: 'tok' });
    const noMask = createTaskLog({ out, redact: (value) => value.replaceAll('tok', ''), asciiOnly: false });
    noMask.info(text`#${'tok'}#octopus[mask]`);
    log.info(text`fine`);
    expect(out.lines).toEqual(['# # octopus[mask]', 'fine']);
  });

  it.each([
    ['é', '\\u{e9}'],
    ['変更', '\\u{5909}\\u{66f4}'],
    ['👍', '\\u{1f44d}'],
    ['plain ~ text', 'plain ~ text'],
    ['\u007f', '\\u{7f}'],
  ])('[M3] on Windows writes %s as %s', (value, written) => {
    const { out, log } = taskLog({ asciiOnly: true });
    log.info(text`x${value}x`);
    const cleaned = value === '\u007f' ? 'x' : `x${written}x`;
    expect(out.lines[0]?.startsWith(cleaned)).toBe(true);
    expect(escapeNonAscii(value)).toBe(written);
  });

  it('[M3] writes UTF-8 elsewhere', () => {
    const { out, log } = taskLog();
    log.info(text`Größe 変更 👍`);
    expect(out.lines).toEqual(['Größe 変更 👍']);
  });

  it('[M3][X1] on Windows writes only ASCII, and no service message except its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const { out, log } = taskLog({ asciiOnly: true });
        log.warning(text`${value}`);
        log.info(text`${value}`);
        log.progress(text`${value}`);
        expect(out.lines.every((line) => /^[\x20-\x7e]*$/.test(line))).toBe(true);
        expect(out.messages.map(({ name }) => name)).toEqual([
          'stdout-warning',
          'stdout-default',
          'progress',
        ]);
      }),
    );
  });
});
