import { describe, expect, it } from 'vitest';
import { readTaskLog, TaskLogReader } from './task-log.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const set = (name: string, value: string): string =>
  `##octopus[setVariable name='${base64(name)}' value='${base64(value)}']`;

describe('the reader of task logs', () => {
  it('keeps a level until another one is set', () => {
    const log = readTaskLog(
      'one\n##octopus[stdout-highlight]\ntwo\nthree\n##octopus[stdout-default]\nfour\n',
    );
    expect(log.lines.map(({ level }) => level)).toEqual(['default', 'highlight', 'highlight', 'default']);
    expect(log.summary).toEqual(['two', 'three']);
    expect(log.lastLevel).toBe('default');
  });

  it('decodes attributes, including empty ones', () => {
    const log = readTaskLog(
      `${set('Größe', 'a\nb')}\n${set('Empty', '')}\n##octopus[resultMessage message='${base64('Over')}']\n`,
    );
    expect(log.outputs).toEqual({ Größe: 'a\nb', Empty: '' });
    expect(log.outputNames).toEqual(['Größe', 'Empty']);
    expect(log.result).toBe('Over');
  });

  it('finds a message in the middle of a line', () => {
    const log = readTaskLog(`before ${set('A', '1')} after\n`);
    expect(log.outputs).toEqual({ A: '1' });
    expect(log.lines.map(({ text }) => text)).toEqual(['before ', ' after']);
  });

  it.each([
    "##octopus[setVariable name='plain' value='text!']",
    "##octopus[setVariable name='QQ' value='QQ==']",
    '##octopus[setVariable name="QQ==" value="QQ=="]',
    '##octopus[stdout-highlight',
    "##octopus[setVariable name='/w==' value='QQ==']",
    '##octopus is a mollusc',
  ])('drops an invalid message: %s', (line) => {
    const log = readTaskLog(`${line}\n`);
    expect(log.messages).toEqual([]);
    expect(log.dropped).toHaveLength(1);
  });

  it('reads output in pieces as it reads the whole output', () => {
    const output = `one\n${set('A', 'value')}\n##octopus[stdout-wait]\ntwo`;
    const reader = new TaskLogReader();
    const pieces = [...output].flatMap((piece) => reader.read(piece));
    const whole = new TaskLogReader();
    expect([...pieces, ...reader.end()]).toEqual([...whole.read(output), ...whole.end()]);
    expect(pieces).toHaveLength(3);
  });
});
