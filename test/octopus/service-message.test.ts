import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  logLevel,
  maskValue,
  progressMessage,
  resultMessage,
  serviceMessage,
  setVariable,
} from '../../src/octopus/service-message.ts';
import { parseServiceMessage } from './recorded-lines.ts';

describe('a service message', () => {
  it.each([
    [
      setVariable('ChangeRequest.Number', 'CHG-12'),
      "##octopus[setVariable name='Q2hhbmdlUmVxdWVzdC5OdW1iZXI=' value='Q0hHLTEy']",
    ],
    [setVariable('Decision', ''), "##octopus[setVariable name='RGVjaXNpb24=' value='']"],
    [setVariable('x', 'é変👍'), "##octopus[setVariable name='eA==' value='w6nlpInwn5GN']"],
    [setVariable('x', "a'b]\nc|"), "##octopus[setVariable name='eA==' value='YSdiXQpjfA==']"],
    [resultMessage('Stopped.'), "##octopus[resultMessage message='U3RvcHBlZC4=']"],
    [maskValue('c2VjcmV0'), "##octopus[mask value='YzJWamNtVjA=']"],
    [progressMessage('Waiting'), "##octopus[progress percentage='MA==' message='V2FpdGluZw==']"],
    [logLevel('default'), '##octopus[stdout-default]'],
    [logLevel('verbose'), '##octopus[stdout-verbose]'],
    [logLevel('highlight'), '##octopus[stdout-highlight]'],
    [logLevel('wait'), '##octopus[stdout-wait]'],
    [logLevel('warning'), '##octopus[stdout-warning]'],
  ])('[O6] %s', (written, expected) => {
    expect(written).toBe(expected);
  });

  it('[O6] [M3] [X1] passes every value unchanged, in one line of ASCII', () => {
    const value = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(value, value, (name, content) => {
        const line = serviceMessage('setVariable', { name, value: content });
        expect(line).toMatch(/^[\x20-\x7e]+$/);
        expect(parseServiceMessage(line)).toEqual({
          name: 'setVariable',
          attributes: { name, value: content },
        });
      }),
    );
  });
});
