import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { variableNames } from '../../src/octopus/variable-names.ts';
import { bodyAround, sourceOf } from './body.ts';
import { engines, removeFolders, run, type StepEnd } from './engine.ts';

const field = (name: string) => `Octopus.JiraServiceManagement.Field[${name}]`;

/** What reached the action: its environment, and the options of its Node. */
interface Seen {
  readonly environment: Readonly<Record<string, string>>;
  readonly options: readonly string[];
  readonly node: string;
  readonly platform: string;
}

function seenBy(end: StepEnd): Seen {
  expect(end.stderr).toBe('');
  expect(end.stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(end.stdout);
}

/** What a failed step tells Octopus, decoded. */
function told(end: StepEnd): {
  readonly result: string | undefined;
  readonly outputs: Record<string, string>;
} {
  const decoded = (text = '') => Buffer.from(text, 'base64').toString();
  const outputs: Record<string, string> = {};
  for (const [, name, value] of end.stdout.matchAll(
    /^##octopus\[setVariable name='(.*?)' value='(.*?)'\]$/gm,
  )) {
    outputs[decoded(name)] = decoded(value);
  }
  const result = /^##octopus\[resultMessage message='(.*?)'\]$/m.exec(end.stdout)?.[1];
  return { result: result && decoded(result), outputs };
}

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
  long: 'ö'.repeat(32_766),
};

/** What PowerShell, dictionaries or Windows give a meaning. */
const awkwardNames = [
  ...['Keys', 'Values', 'Count', 'Item', 'Comparer', 'Key', 'Value', 'Entry'],
  ...[
    'Path',
    'Env',
    'Env:Path',
    'Home',
    'Host',
    'Input',
    'Args',
    'Error',
    'Matches',
    'This',
    'PSItem',
    'PID',
  ],
  ...['LastExitCode', 'ErrorActionPreference', 'OFS', 'Node', 'Bundle', 'Code', 'True', 'False'],
];

/** The names that the body assigns, and the awkward ones, besides one that the action reads. */
const awkward: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [...sourceOf('powershell.ps1').matchAll(/\$(\w+)/g)]
      .map(([, name]) => name ?? '')
      .concat(awkwardNames)
      .filter((name) => !/^(octopusparameters|null|_)$/i.test(name))
      .map((name) => [name, 'x']),
  ),
  'Octopus.Project.Name': 'Web',
};

const scriptModule = `
$ErrorActionPreference = 'SilentlyContinue'
$WarningPreference = 'Stop'
$VerbosePreference = 'Continue'
$DebugPreference = 'Continue'
$InformationPreference = 'Ignore'
$ProgressPreference = 'Stop'
$ConfirmPreference = 'Low'
$WhatIfPreference = $true
$PSModuleAutoLoadingPreference = 'None'
$PSNativeCommandUseErrorActionPreference = $true
$PSDefaultParameterValues = @{ '*:ErrorAction' = 'Ignore'; '*:Verbose' = $true }
$OFS = '-'
$global:LASTEXITCODE = 5
[int]$code = 3
[ValidateSet('a', 'b')]$node = 'a'
Set-StrictMode -Version Latest
Set-PSDebug -Trace 2
function node { throw 'not this one' }
function Set-PSDebug { throw 'not this one' }
`;

const policy = `version: 1
connections:
  - name: plain
    tokenVariable: Plain.Token      # the secret
  - { name: flow, tokenVariable: Flow Token, username: x }
  - {tokenVariable: 'It''s, quoted'}
  - "tokenVariable": "Say \\"double\\" \\\\"
  - tokenVariable:
      Next.Line
  - tokenVariable: &anchor !!str Marked
  - tokenVariable: A, b}
  - tokenVariable: Größe\r
  # tokenVariable: Commented
  - tokenVariable: Missing
`;

const tokens: Readonly<Record<string, string>> = {
  'Plain.Token': 'one',
  'Flow Token': 'two',
  "It's, quoted": 'three',
  'Say "double" \\': 'four',
  'Next.Line': 'five',
  Marked: 'six',
  'A, b}': 'seven',
  Größe: 'eight',
};

// The last character of Unicode, which stands for none, ends Node 22 on Windows (an assertion in libuv).
const text = fc
  .string({ unit: 'binary', minLength: 1 })
  .map((sample) => sample.replace(/[\0=\u{10FFFF}]/gu, ''));
/** Any texts, as names of fields and as values. */
const sampled: Readonly<Record<string, string>> = Object.fromEntries(
  fc
    .sample(fc.tuple(text, text), { numRuns: 200, seed: 7 })
    .map(([name, value], index) => [field(`${index} ${name}`), value]),
);

const none = 'not for the action';

for (const engine of engines) {
  const skipped = engine.missing !== undefined && !process.env['CI'];
  describe.skipIf(skipped)(skipped ? `${engine.name} (skipped: ${engine.missing})` : engine.name, () => {
    const printing = bodyAround('print-environment.cjs');
    beforeAll(() => engine.prepare(), 300_000);
    afterAll(removeFolders);

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
            'JSMCHANGE.POLICY': policy,
            ...fields,
            ...sampled,
            ...tokens,
            [field('null')]: null,
            'octopus.jiraservicemanagement.field[Risk]': 'Low',
            'octopus.action[Gate [1]].output.changerequest.number': 'CHG-1',
            'Octopus.Action[Gate [1]].Output.Decision': 'Proceed',
            'Octopus.JiraServiceManagement.Field[]': none,
            'Octopus.Action[].Output.Decision': none,
            'Octopus.Action[Gate].Output.Other': none,
            'Octopus.JiraServiceManagement.Field[Risk].Name': none,
            'My.Octopus.JiraServiceManagement.Field[Risk]': none,
            'Octopus.Project.Id': none,
            'JsmChange.Unknown': none,
            Commented: none,
            'Database.Password': none,
          },
          environment: { 'JsmChange.Stray': none, Missing: none },
        });
      }, 60_000);

      it('[B3] hands every value over exactly, in any language, with line ends, quotes and $', () => {
        expect(seenBy(end).environment).toMatchObject(fields);
      });

      it('[B3] hands any text over exactly', () => {
        expect(seenBy(end).environment).toMatchObject(sampled);
      });

      it('[B3] hands over each variable of the list under the name that the action knows', () => {
        expect(seenBy(end).environment).toMatchObject({
          ...listed,
          'Octopus.Task.Id': '1',
          'Octopus.Release.Notes': '',
          'Octopus.Deployment.Comments': '',
          'JsmChange.Policy': policy,
        });
      });

      it('[B3] hands over fields, and what earlier steps have put out', () => {
        expect(seenBy(end).environment).toMatchObject({
          [field('Risk')]: 'Low',
          [field('null')]: '',
          'Octopus.Action[Gate [1]].Output.ChangeRequest.Number': 'CHG-1',
          'Octopus.Action[Gate [1]].Output.Decision': 'Proceed',
        });
      });

      it('[B3] hands over the variables that a policy names as tokenVariable', () => {
        expect(seenBy(end).environment).toMatchObject({ ...tokens, Missing: '' });
      });

      it('[B3] hands over nothing else', () => {
        const others = Object.entries(seenBy(end).environment).filter(([, value]) => value.includes(none));
        expect(others).toEqual([]);
      });

      it('[B4] [B5] ends with the exit code of the action, and leaves nothing behind', () => {
        expect(end).toMatchObject({ code: 1, stderr: '', left: [], environmentKept: true });
      });

      it("trusts the system's certificates where Node knows how", () => {
        const { node, options } = seenBy(end);
        const knows = /^v(22\.(1[5-9]|[2-9])|23\.([89]|\d\d)|2[4-9])/.test(node);
        expect(options).toEqual([...(knows ? ['--use-system-ca'] : []), '--input-type=commonjs']);
      });
    });

    it('[B5] keeps all that the action writes before it ends', async () => {
      const end = await run(engine, { body: bodyAround('flood.cjs') });
      expect(end.stdout.split('\n')).toHaveLength(5002);
      expect(end.stdout).toMatch(/the last line\n$/);
      expect(end.code).toBe(1);
    });

    it('[B4] [B5] [B6] shows no secret to others while it waits, and ends with a killed launcher', async () => {
      const secret = 'never to be seen/4711';
      const step = engine.start({ body: bodyAround('wait.cjs'), variables: { 'JsmChange.Token': secret } });
      const alive = join(step.folder, 'alive');
      await until(() => sizeOf(alive) > 0);
      const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
      const seen = [...processes(), ...step.watched.flatMap(contents)];
      expect(seen.some((seenText) => seenText.includes(step.inStep(step.folder)))).toBe(true);
      expect(seen.filter((seenText) => forms.some((form) => seenText.includes(form)))).toEqual([]);
      expect(step.left()).toEqual([]);

      step.kill();
      const killed = Date.now();
      const { code, left } = await step.ended;
      expect({ code, left }).toEqual({ code: -1, left: [] });
      await until(() => Date.now() - statSync(alive).mtimeMs > 1000);
      expect(statSync(alive).mtimeMs - killed).toBeLessThan(5000);
    });

    if (!engine.windows)
      it('[B5] [B6] takes the action with it when PowerShell is stopped', async () => {
        const step = engine.start({ body: bodyAround('wait.cjs') });
        const alive = join(step.folder, 'alive');
        await until(() => sizeOf(alive) > 0);
        step.kill('SIGINT');
        const stopped = Date.now();
        const { left } = await step.ended;
        expect(left).toEqual([]);
        await until(() => Date.now() - statSync(alive).mtimeMs > 1000);
        expect(statSync(alive).mtimeMs - stopped).toBeLessThan(5000);
      });

    // The other versions of Node differ in nothing of what follows.
    if (!engine.thorough) return;

    it('[B3] names variables that cannot be handed over, and never shows their values', async () => {
      const end = await run(engine, {
        body: printing,
        variables: {
          [field('a=b')]: 'secret-1',
          [field('=##octopus[x]\nö')]: 'secret-2',
          [field('long')]: `secret-3${'x'.repeat(32_759)}`,
        },
      });
      const { result, outputs } = told(end);
      const why =
        'its name holds a character that a name in an environment cannot hold, such as an equals sign.';
      const long =
        'its value is too long for an environment on Windows, which takes less than 32,767 characters.';
      const cannot = (name: string, reason: string) =>
        `The variable ${field(name)} cannot be handed to the action: ${reason}`;
      expect(result).toBe(
        [
          cannot('a=b', why),
          cannot('=##octopus[x]\nö', why),
          ...(engine.windows ? [cannot('long', long)] : []),
        ].join(' '),
      );
      expect(outputs).toEqual({ Decision: 'Error', DecisionReason: result });
      expect(end.stdout).not.toMatch(/secret-|[^ -~\n]/);
      expect(end.stdout.match(/##octopus/g)).toHaveLength(3);
      expect(end).toMatchObject({ code: 1, stderr: '', left: [], environmentKept: true });
    });

    it.each([
      ['value', field('Risk'), 'secret-\0value', field('Risk')],
      ['name', field('Ri\0sk ##octopus[x]\nö'), 'secret-value', field('Ri?sk ##octopus[x]\nö')],
    ])(
      '[B3] names a variable with a NUL in its %s, and never shows its value',
      async (_, name, value, shown) => {
        const end = await run(engine, { body: printing, variables: { [name]: value } });
        const { result, outputs } = told(end);
        expect(result).toMatch(
          `The variable ${shown} cannot be handed to the action: it holds a NUL character`,
        );
        expect(outputs).toEqual({ Decision: 'Error', DecisionReason: result });
        expect(end.stdout).not.toMatch(/secret-|[^ -~\n]/);
        expect(end.stdout.match(/##octopus/g)).toHaveLength(3);
        expect(end).toMatchObject({ code: engine.failed, stderr: '', left: [], environmentKept: true });
      },
    );

    it.each(['octopus', 'latest'] as const)(
      '[B7] is right in strict mode (%s), and whatever variables are called',
      async (strict) => {
        const end = await run(engine, { body: printing, variables: awkward, strict });
        expect(seenBy(end).environment).toMatchObject({ 'Octopus.Project.Name': 'Web' });
        expect(end).toMatchObject({ code: 0, left: [], environmentKept: true });
      },
    );

    it('[B7] [X3] is right whatever a script module has set, and shows no value in a trace', async () => {
      const variables = { 'Octopus.Project.Name': 'Web', 'JsmChange.Token': 'secret-token' };
      const end = await run(engine, { body: printing, variables, scriptModule });
      // The trace that the module switches on shows the line that switches it off.
      const lines = end.stdout.split('\n').filter((line) => line !== '' && !line.startsWith('DEBUG: '));
      expect(lines).toHaveLength(1);
      expect(JSON.parse(lines[0] ?? '').environment).toMatchObject(variables);
      expect(end.stdout.match(/secret-token/g)).toHaveLength(1);
      expect(end).toMatchObject({ code: 0, stderr: '', left: [] });
    });

    it('[B2] fails without Node, and says which is wanted and the easy way', async () => {
      const end = await run(engine, {
        body: printing,
        node: 'none',
        variables: { 'JsmChange.Token': 'secret-token' },
      });
      const { result, outputs } = told(end);
      expect(result).toMatch(
        /^This step needs Node\.js 20 or later, and found no node on the PATH\. .*worker-tools/,
      );
      expect(outputs).toEqual({ Decision: 'Error', DecisionReason: result });
      expect(end.stdout.split('\n')[0]).toBe(result);
      expect(end).toMatchObject({ code: engine.failed, stderr: '', left: [], environmentKept: true });
    });

    it.each([
      [
        'v18.20.4',
        /^This step needs Node\.js 20 or later, and found v18\.20\.4 at .*node.*worker-tools/,
        'Report',
      ],
      ['Nodejs ##octopus[x]', /does not tell its version; it says: Nodejs +octopus x *\./, ' test '],
    ])('[B2] fails with a Node that says %j', async (says, message, operation) => {
      const variables = { 'JsmChange.Operation': operation };
      const end = await run(engine, { body: printing, node: { says }, variables });
      const { result, outputs } = told(end);
      expect(result).toMatch(message);
      // Neither operation decides anything.
      expect(outputs).toEqual({});
      expect(end).toMatchObject({ code: engine.failed, stderr: '', left: [] });
    });

    it('[B2] passes over a file called node that cannot be started, and leaves alone what the worker says of certificates', async () => {
      const end = await run(engine, {
        body: printing,
        node: 'second',
        variables: { 'Octopus.Project.Name': 'Web' },
        environment: { NODE_USE_SYSTEM_CA: '0' },
      });
      expect(seenBy(end)).toMatchObject({
        environment: { 'Octopus.Project.Name': 'Web', NODE_USE_SYSTEM_CA: '0' },
        options: ['--input-type=commonjs'],
      });
      expect(end).toMatchObject({ code: 0, left: [], environmentKept: true });
    });

    it('[X3] [B4] keeps from the action what would make Node print its requests', async () => {
      const end = await run(engine, {
        body: printing,
        variables: { 'Octopus.Project.Name': 'Web' },
        environment: { NODE_DEBUG: 'http' },
      });
      expect(seenBy(end).environment['NODE_DEBUG'] ?? '').toBe('');
      expect(end).toMatchObject({ code: 0, left: [], environmentKept: true });
    });

    it('[B5] says that an action has crashed', async () => {
      const end = await run(engine, { body: printing, variables: { 'Octopus.Task.Id': '7' } });
      expect(told(end).result).toMatch(/^The action ended unexpectedly \(exit code 7\)/);
      expect(end).toMatchObject({ code: engine.failed, stderr: '', left: [] });
    });

    it('[B5] fails when the action throws, and removes what it unpacked', async () => {
      const end = await run(engine, { body: bodyAround("throw new Error('broken');") });
      expect(end.stderr).toContain('Error: broken');
      expect(end).toMatchObject({ code: 1, left: [] });
    });
  });
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('It did not come about within 20 s.');
    await sleep(20);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** What others can see of every process: its command line, and the environment that it was started with. */
function processes(): string[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.flatMap((number) => ['cmdline', 'environ'].map((name) => textOf(`/proc/${number}/${name}`)));
}

/** The texts of all files in a folder and its folders. */
function contents(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => textOf(join(entry.parentPath, entry.name)));
}

/** Blank for what has gone meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
