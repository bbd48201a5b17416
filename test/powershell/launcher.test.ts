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
  long: 'ö'.repeat(32_767),
};

for (const engine of engines) {
  const skipped = engine.missing !== undefined && !process.env['CI'];
  describe.skipIf(skipped)(skipped ? `${engine.name} (skipped: ${engine.missing})` : engine.name, () => {
    beforeAll(() => engine.prepare(), 300_000);
    afterAll(removeFolders);
    const printing = bodyAround('print-environment.mjs');

    it('[B3] hands every value over exactly, in any language, with line ends, quotes and $', async () => {
      const variables = Object.fromEntries(
        Object.entries(nasty).map(([name, value]) => [field(name), value]),
      );
      const end = await run(engine, { body: printing, variables });
      expect(seenBy(end).environment).toMatchObject(variables);
      expect(end).toMatchObject({ code: 0, left: [], environmentKept: true });
    });

    it('[B3] hands any text over exactly', async () => {
      // One start for many texts: a case of its own for each would take a minute.
      const text = fc.string({ unit: 'binary', minLength: 1 }).map((sample) => sample.replace(/[\0=]/g, ''));
      const samples = fc.sample(fc.tuple(text, text), { numRuns: 200, seed: 7 });
      const named = samples.map(([name, value], index) => [field(`${index} ${name}`), value] as const);
      const variables = Object.fromEntries(named);
      const { environment } = seenBy(await run(engine, { body: printing, variables }));
      expect(environment).toMatchObject(variables);
    });

    it('[B3] hands over what the action reads under the name it knows, and nothing else', async () => {
      const listed = Object.fromEntries(
        variableNames.map((name) => [name.toUpperCase(), `value of ${name}`]),
      );
      const none = 'not for the action';
      const end = await run(engine, {
        body: printing,
        variables: {
          ...listed,
          'OCTOPUS.TASK.ID': '0',
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
          Database: none,
          'Database.Password': none,
        },
        environment: { 'JsmChange.Stray': none },
      });
      const { environment } = seenBy(end);
      expect(environment).toMatchObject({
        ...Object.fromEntries(variableNames.map((name) => [name, `value of ${name}`])),
        'Octopus.Task.Id': '0',
        [field('Risk')]: 'Low',
        'Octopus.Action[Gate [1]].Output.ChangeRequest.Number': 'CHG-1',
        'Octopus.Action[Gate [1]].Output.Decision': 'Proceed',
      });
      expect(Object.entries(environment).filter(([, value]) => value.includes(none))).toEqual([]);
    });

    it('[B3] takes null for blank, and hands over nothing for an absent variable', async () => {
      const variables = { 'Octopus.Project.Name': null, 'Octopus.Release.Notes': '', [field('Risk')]: null };
      const { environment } = seenBy(await run(engine, { body: printing, variables }));
      expect(environment).toMatchObject({
        'Octopus.Project.Name': '',
        'Octopus.Release.Notes': '',
        [field('Risk')]: '',
      });
      expect(environment).not.toHaveProperty('Octopus.Environment.Name');
    });

    it('[B3] hands over the variables that a policy names as tokenVariable', async () => {
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
      const wanted = {
        'Plain.Token': 'one',
        'Flow Token': 'two',
        "It's, quoted": 'three',
        'Say "double" \\': 'four',
        'Next.Line': 'five',
        Marked: 'six',
        'A, b}': 'seven',
        Größe: 'eight',
      };
      const end = await run(engine, {
        body: printing,
        variables: { ...wanted, Commented: 'no', Other: 'no', 'JsmChange.Policy': policy },
        environment: { Missing: 'from the environment of the worker' },
      });
      const { environment } = seenBy(end);
      expect(environment).toMatchObject({ ...wanted, 'JsmChange.Policy': policy, Missing: '' });
      expect(environment).not.toHaveProperty('Commented');
      expect(environment).not.toHaveProperty('Other');
    });

    it.each([
      ['an equals sign in its name', field('a=b'), 'secret-value', `The variable ${field('a=b')} cannot`],
      ['a NUL in its value', field('Risk'), 'secret-\0value', `The variable ${field('Risk')} cannot`],
      ['a NUL in its name', field('Ri\0sk'), 'secret-value', `The variable ${field('Ri?sk')} cannot`],
      [
        'an odd name besides',
        field('=##octopus[x]\nö'),
        'secret-value',
        `The variable ${field('=##octopus[x]\nö')} cannot`,
      ],
    ])(
      '[B3] names a variable that cannot be handed over because of %s, and never shows its value',
      async (_, name, value, message) => {
        const end = await run(engine, { body: printing, variables: { [name]: value } });
        const { result, outputs } = told(end);
        expect(result).toContain(message);
        expect(outputs).toEqual({ Decision: 'Error', DecisionReason: result });
        expect(end.stdout).not.toMatch(/secret-|[^ -~\n]/);
        expect(end.stdout.match(/##octopus/g)).toHaveLength(3);
        expect(end.code).toBeGreaterThan(0);
        expect(end).toMatchObject({ stderr: '', left: [], environmentKept: true });
      },
    );

    it('[B3] takes values of any length but for the 32,767 characters of Windows', async () => {
      const end = await run(engine, { body: printing, variables: { [field('Long')]: 'x'.repeat(32_768) } });
      if (engine.windows) {
        expect(told(end).result).toContain(
          `The variable ${field('Long')} cannot be handed to the action: its value is longer`,
        );
        expect(end.code).toBe(1);
      } else {
        expect(seenBy(end).environment[field('Long')]).toHaveLength(32_768);
      }
    });

    it.each(['octopus', 'latest'] as const)(
      '[B7] is right in strict mode (%s) and whatever variables are called',
      async (strict) => {
        const assigned = [...sourceOf('powershell.ps1').matchAll(/\$(?:\w+:)?(\w+)/g)].map(
          ([, name]) => name ?? '',
        );
        const known = [
          'Keys',
          'Values',
          'Count',
          'Item',
          'Comparer',
          'Path',
          'Env',
          'Key',
          'Value',
          'Home',
          'Host',
          'Input',
          'Args',
          'Error',
          'Matches',
          'This',
          'Entry',
          'PSItem',
          'Env:Path',
          'LastExitCode',
          'ErrorActionPreference',
          'OFS',
          'Node',
          'Bundle',
          'Code',
        ];
        const names = new Set(
          [...assigned, ...known].filter((name) => !/^(octopusparameters|null|_|true|false)$/i.test(name)),
        );
        expect(names.size).toBeGreaterThan(40);
        const variables = {
          ...Object.fromEntries([...names].map((name) => [name, 'x'])),
          'Octopus.Project.Name': 'Web',
        };
        const end = await run(engine, { body: printing, variables, strict });
        expect(seenBy(end).environment).toMatchObject({ 'Octopus.Project.Name': 'Web' });
        expect(end).toMatchObject({ code: 0, left: [], environmentKept: true });
      },
    );

    it('[B7] is right whatever a script module has set', async () => {
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
`;
      const variables = { 'Octopus.Project.Name': 'Web', 'JsmChange.Token': 'secret-token' };
      const end = await run(engine, { body: printing, variables, scriptModule });
      // The trace that this module switches on shows the line that switches it off.
      const lines = end.stdout.split('\n').filter((line) => line !== '' && !/^DEBUG: /.test(line));
      expect(JSON.parse(lines[0] ?? '').environment).toMatchObject(variables);
      expect(lines).toHaveLength(1);
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
      ['v18.20.4', /^This step needs Node\.js 20 or later, and found v18\.20\.4 at .*node.*worker-tools/],
      ['v9.11.2', /and found v9\.11\.2 at /],
      ['Nodejs ##octopus[x]', /does not tell its version; it says: Nodejs +octopus x *\./],
      ['', /does not tell its version/],
    ])('[B2] fails with a Node that says %j', async (says, message) => {
      const end = await run(engine, {
        body: printing,
        node: { says },
        variables: { 'JsmChange.Operation': 'Report' },
      });
      const { result, outputs } = told(end);
      expect(result).toMatch(message);
      // A report decides nothing.
      expect(outputs).toEqual({});
      expect(end).toMatchObject({ code: engine.failed, stderr: '', left: [] });
    });

    it('[B2] passes over a file called node that cannot be started', async () => {
      const end = await run(engine, {
        body: printing,
        node: 'second',
        variables: { 'Octopus.Project.Name': 'Web' },
      });
      expect(seenBy(end).environment).toMatchObject({ 'Octopus.Project.Name': 'Web' });
    });

    it('[B5] ends with the exit code of the action', async () => {
      const end = await run(engine, { body: printing, variables: { 'Octopus.Task.Id': '1' } });
      expect(end).toMatchObject({ code: 1, stderr: '', left: [], environmentKept: true });
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

    it('[B5] keeps all that the action writes before it ends', async () => {
      const end = await run(engine, { body: bodyAround('flood.mjs') });
      expect(end.stdout.split('\n')).toHaveLength(5002);
      expect(end.stdout).toMatch(/the last line\n$/);
      expect(end.code).toBe(1);
    });

    it("trusts the system's certificates where Node knows how, unless the worker says otherwise", async () => {
      const knows = (version: string) => /^v(22\.(1[5-9]|[2-9])|23\.([89]|\d\d)|2[4-9])/.test(version);
      const usual = seenBy(await run(engine, { body: printing }));
      expect(usual.options).toEqual(knows(usual.node) ? ['--use-system-ca'] : []);
      const chosen = seenBy(await run(engine, { body: printing, environment: { NODE_USE_SYSTEM_CA: '0' } }));
      expect(chosen.options).toEqual([]);
    });

    it('[B4] [B5] [B6] shows no secret to others while it waits, and ends with a killed launcher', async () => {
      const secret = 'never to be seen/4711';
      const step = engine.start({ body: bodyAround('wait.mjs'), variables: { 'JsmChange.Token': secret } });
      const alive = join(step.folder, 'alive');
      await until(() => sizeOf(alive) > 0);
      const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
      const seen = [...processes(), ...step.watched.flatMap(contents)];
      expect(seen.some((text) => text.includes(step.inStep(step.folder)))).toBe(true);
      expect(seen.filter((text) => forms.some((form) => text.includes(form)))).toEqual([]);
      const before = step.left();
      expect(before).toEqual([]);

      step.kill();
      const killed = Date.now();
      const { code, left } = await step.ended;
      expect({ code, left }).toEqual({ code: -1, left: [] });
      await until(() => Date.now() - statSync(alive).mtimeMs > 1000);
      expect(statSync(alive).mtimeMs - killed).toBeLessThan(5000);
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
