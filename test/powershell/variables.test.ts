import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { variableNames } from '../../src/octopus/variable-names.ts';
import { bodyAround } from './body.ts';
import { failure, onEach, onLinux, seenBy } from './cases.ts';
import { engines, run, type StepEnd } from './engine.ts';

const field = (name: string) => `Octopus.JiraServiceManagement.Field[${name}]`;

const nasty: Readonly<Record<string, string>> = {
  quotes: `"double" 'single' \`backtick\` \u201Ccurly\u201D`,
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what PowerShell would take for a variable
  dollars: '$x ${y} $(exit 9) %PATH% !x! @{z}',
  'line ends': '\nfirst\r\nsecond\n\rthird\n\n',
  blanks: '\t  in the middle \t ',
  backslashes: 'C:\\path\\"quoted\\\\" \\',
  'octopus syntax': "#{Octopus.Project.Name} ##octopus[setVariable name='eA==' value='eA==']",
  controls: '\u0001\u0007\u001b[31m\u007f\u0085\u2028',
  Größe: 'Größe in µm',
  '日本 語': '変更要求',
  Русский: 'Изменение',
  العربية: 'تغيير \u202Eabc',
  '😀': '👩‍👩‍👧‍👦 e\u0301',
  json: '{"id": "10001", "a": ["b"]}',
  "it's $a [b] (c)": 'x',
  long: 'ö'.repeat(100_000),
  'a=b': 'c=d',
  '=': '=',
};

const text = fc.string({ unit: 'binary', minLength: 1 }).map((sample) => sample.replaceAll('\0', ''));
/** Random texts as names of fields and as values. */
const sampled: Readonly<Record<string, string>> = Object.fromEntries(
  fc
    .sample(fc.tuple(text, text), { numRuns: 200, seed: 7 })
    .map(([name, value], index) => [field(`${index} ${name}`), value]),
);

const none = 'not for the action';
const printing = bodyAround('print-environment.cjs');

onEach(engines, (engine) => {
  describe('a step with many variables', () => {
    let end: StepEnd;
    const listed = Object.fromEntries(variableNames.map((name) => [name, `value of ${name}`]));
    const fields = Object.fromEntries(Object.entries(nasty).map(([name, value]) => [field(name), value]));

    beforeAll(async () => {
      end = await run(engine, {
        body: printing,
        variables: {
          ...Object.fromEntries(Object.entries(listed).map(([name, value]) => [name.toUpperCase(), value])),
          'OCTOPUS.TASK.ID': '1',
          'Octopus.Release.Notes': null,
          'Octopus.Deployment.Comments': '',
          ...fields,
          ...sampled,
          [field('null')]: null,
          'octopus.jiraservicemanagement.field[Risk]': 'Low',
          'JSMCHANGE.TOKEN[Acme Cloud]': 'a secret',
          'octopus.action[Gate [1]].output.changerequest.number': 'CHG-1',
          'Octopus.Action[Gate [1]].Output.Decision': 'Proceed',
          'Octopus.JiraServiceManagement.Field[]': none,
          'Octopus.Action[].Output.Decision': none,
          'Octopus.Action[Gate].Output.Other': none,
          'Octopus.JiraServiceManagement.Field[Risk].Name': none,
          'My.Octopus.JiraServiceManagement.Field[Risk]': none,
          'Octopus.Project.Id': none,
          'JsmChange.Unknown': none,
          'Database.Password': none,
          // Letters that another locale, or a wider folding, would treat as ASCII letters.
          'J\u017FmChange.BaseUrl': none,
          'JsmChange.To\u212Aen': none,
          'JsmChange.Pol\u0131cy': none,
          '\u212AsmChange.Token[x]': none,
        },
        environment: {
          'JsmChange.Stray': none,
          'jsmchange.token[Acme Cloud]': none,
          'OCTOPUS.RELEASE.NOTES': none,
        },
      });
    }, 120_000);

    it('[B3] passes every value exactly, in any language and length, with line ends, quotes and $', () => {
      expect(seenBy(end).variables).toMatchObject(fields);
    });

    it('[B3] passes any text exactly', () => {
      expect(seenBy(end).variables).toMatchObject(sampled);
    });

    it('[B3] passes each variable of the list under the name that the action knows', () => {
      expect(seenBy(end).variables).toMatchObject({
        ...listed,
        'Octopus.Task.Id': '1',
        'Octopus.Release.Notes': '',
        'Octopus.Deployment.Comments': '',
      });
    });

    it('[B3] passes fields, tokens and the outputs of earlier steps', () => {
      expect(seenBy(end).variables).toMatchObject({
        [field('Risk')]: 'Low',
        [field('null')]: '',
        'JsmChange.Token[Acme Cloud]': 'a secret',
        'Octopus.Action[Gate [1]].Output.ChangeRequest.Number': 'CHG-1',
        'Octopus.Action[Gate [1]].Output.Decision': 'Proceed',
      });
    });

    it('[B3] passes nothing else, neither from Octopus nor from the worker', () => {
      const { variables, environment } = seenBy(end);
      const others = Object.entries({ ...environment, ...variables }).filter(([, value]) => value === none);
      expect(others).toEqual([]);
    });

    it('[B4] [B5] ends with the exit code of the action, and leaves nothing behind', () => {
      expect(end).toMatchObject({ code: 1, stderr: '', left: [], environmentKept: true });
    });

    it("trusts the system's certificates if Node supports that", () => {
      const { node, options } = seenBy(end);
      const knows = /^v(22\.(1[5-9]|[2-9])|23\.([89]|\d\d)|2[4-9])/.test(node);
      expect(options).toEqual([...(knows ? ['--use-system-ca'] : []), '--input-type=commonjs']);
    });
  });
});

onEach(onLinux, (engine) => {
  it.each([
    ['value', field('Risk'), 'secret-\0value', field('Risk')],
    ['name', field('Ri\0sk ##octopus[x]\nö'), 'secret-value', field('Ri?sk ?octopus[x]??')],
  ])(
    '[B3] names a variable with a NUL in its %s, and never shows its value',
    async (_, name, value, shown) => {
      const end = await run(engine, { body: printing, variables: { [name]: value } });
      expect(failure(end, 'NotStarted')).toBe(
        `The variable ${shown} cannot be passed to the action: it contains a NUL character. Remove it from the variable's name or value.`,
      );
      expect(end.stdout).not.toMatch(/secret-|[^ -~\n]/);
      expect(end.stdout.match(/##octopus/g)).toHaveLength(4);
    },
  );
});
