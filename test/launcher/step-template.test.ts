import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pack, packedIn, unpack } from '../../scripts/packing.ts';
import { bodyProblems, scriptBody } from '../../scripts/script-body.ts';
import { nextVersion, stepTemplate, templateText } from '../../scripts/step-template.ts';
import { stepParameters as parameters, type StepParameter } from '../../src/octopus/parameter-forms.ts';

const files = ['step-template.json', 'step-template.powershell.json'] as const;
const resumeFiles = ['resume-template.json', 'resume-template.powershell.json'] as const;

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

describe.each([...files, ...resumeFiles])('%s', (file) => {
  const text = read(file);
  const template = JSON.parse(text);
  const body: string = template.Properties['Octopus.Action.Script.ScriptBody'];

  it('[B1] contains an ASCII body without #{ and under 150,000 bytes', () => {
    expect(bodyProblems(body)).toEqual([]);
    expect(Buffer.byteLength(body)).toBeLessThan(150_000);
    expect(body).not.toContain('#{');
    expect(/^[\t\n\r -~]*$/.test(body)).toBe(true);
  });

  it('contains exactly the action in dist', () => {
    expect(unpack(packedIn(body)) === read('dist/index.js')).toBe(true);
  });

  it('is imported by Octopus as a script step that runs on a worker', () => {
    expect(Object.keys(template)).toEqual([
      'Id',
      'Name',
      'Description',
      'ActionType',
      'Version',
      'CommunityActionTemplateId',
      'Packages',
      'GitDependencies',
      'Properties',
      'Parameters',
      'LastModifiedBy',
      '$Meta',
      'Category',
    ]);
    expect(template).toMatchObject({
      ActionType: 'Octopus.Script',
      CommunityActionTemplateId: null,
      Packages: [],
      GitDependencies: [],
      Category: 'jira',
      $Meta: { Type: 'ActionTemplate' },
      Properties: { 'Octopus.Action.RunOnServer': 'true', 'Octopus.Action.Script.ScriptSource': 'Inline' },
    });
    expect(Number.isInteger(template.Version) && template.Version > 0).toBe(true);
    expect(template.Description).toContain('Node.js 20');
    expect(template.Name.length).toBeLessThanOrEqual(200);
    expect(text.startsWith('{')).toBe(true);
  });

  it('has the parameters of the single list, each with a text as its default', () => {
    const kind = file.startsWith('resume') ? 'resume' : 'step';
    const asked = parameters.filter(({ templates = ['step'] }: StepParameter) => templates.includes(kind));
    expect(template.Parameters.map((each: { Name: string }) => each.Name)).toEqual(
      asked.map(({ name }) => name),
    );
    for (const parameter of template.Parameters) {
      expect(Object.keys(parameter)).toEqual([
        'Id',
        'Name',
        'Label',
        'HelpText',
        'DefaultValue',
        'DisplaySettings',
      ]);
      expect(typeof parameter.DefaultValue).toBe('string');
    }
  });
});

describe.each(files)('%s', (file) => {
  it('[B1] offers every operation except Resume, with Gate first', () => {
    const operation = JSON.parse(read(file)).Parameters[0].DisplaySettings;
    expect(operation['Octopus.ControlType']).toBe('Select');
    expect(operation['Octopus.SelectOptions'].split('\n')[0]).toMatch(/^Gate\|\S/);
    expect(operation['Octopus.SelectOptions']).not.toContain('Resume');
  });
});

describe.each([
  [files[0], resumeFiles[0]],
  [files[1], resumeFiles[1]],
])('%s and %s', (stepFile, resumeFile) => {
  const [step, resume] = [JSON.parse(read(stepFile)), JSON.parse(read(resumeFile))];
  const bodyOf = (template: typeof step): string => template.Properties['Octopus.Action.Script.ScriptBody'];

  it('[B1] have the same body, except that one has its operation fixed to Resume', () => {
    expect(bodyOf(resume)).toContain("'Resume'");
    expect(bodyOf(step)).not.toContain("'Resume'");
    // Each body contains its own version, for the task log.
    const versionless = (template: typeof step): string =>
      bodyOf(template).replace(/(?<=\btemplate:\W{1,6})\d+/, 'N');
    expect(versionless(resume).replace("'Resume'", "''") === versionless(step)).toBe(true);
  });

  it('[B1] have only the parameters that Resume reads, without the operation', () => {
    const names: string[] = resume.Parameters.map((each: { Name: string }) => each.Name);
    expect(names).not.toContain('JsmChange.Operation');
    expect(names).toContain('JsmChange.OctopusApiKey');
    expect(names).toContain('JsmChange.ParkLimitDays');
    expect(resume.Name).toContain('Resume Parked Deployments');
    expect(resume.Id).not.toBe(step.Id);
  });
});

describe('The two templates', () => {
  const [bash, powershell] = files.map((file) => JSON.parse(read(file)));

  it('[B1] never change their ids and names, and share parameters and operations', () => {
    expect([bash.Id, bash.Name, powershell.Id, powershell.Name]).toMatchInlineSnapshot(`
      [
        "61c7c6c4-ba69-42a1-915b-f0dab5ac8979",
        "Jira Service Management - Require Approved Change",
        "bc159524-8b72-4d88-ab63-33e4495f56b8",
        "Jira Service Management - Require Approved Change (PowerShell)",
      ]
    `);
    expect(powershell.Parameters).toEqual(bash.Parameters);
    expect(bash.Properties['Octopus.Action.Script.Syntax']).toBe('Bash');
    expect(powershell.Properties['Octopus.Action.Script.Syntax']).toBe('PowerShell');
  });

  it('make Octopus fill octopus_parameters by mentioning it', () => {
    expect(bash.Properties['Octopus.Action.Script.ScriptBody']).toContain('octopus_parameters[');
  });
});

describe('The version of a template', () => {
  const template = stepTemplate('bash', 'echo', 7, 'step', []);

  it.each([
    { what: 'is 1 if no template was committed', committed: undefined, version: 1 },
    { what: 'stays the same if nothing changes', committed: templateText(template), version: 7 },
    {
      what: 'rises if the body changes',
      committed: templateText(stepTemplate('bash', 'echo 2', 7, 'step', [])),
      version: 8,
    },
    {
      what: 'rises if a help text changes',
      committed: templateText(template).replace('The root URL', 'The URL'),
      version: 8,
    },
  ])('$what', ({ committed, version }) => {
    expect(nextVersion((version) => stepTemplate('bash', 'echo', version, 'step', []), committed)).toBe(
      version,
    );
  });
});

describe('A script body', () => {
  const launcher = {
    shell: 'bash',
    source: "a=('__NAMES__') b=('__PATTERN_ENDS__') c='__LOADER__' d='__BUNDLE__' e='__OPERATION__'",
  } as const;

  it('contains the packed bundle, which unpacks to the same text', () => {
    const noise = Array.from({ length: 500 }, (_, at) => Math.sin(at)).join();
    const bundle = `console.log("#{x} ü", [${noise}]);`;
    const body = scriptBody(launcher, pack(bundle), '// a comment\nrun();');
    expect(bodyProblems(body)).toEqual([]);
    expect(body).not.toContain('a comment');
    expect(body).toContain("c='run();'");
    expect(unpack(packedIn(body))).toBe(bundle);
  });

  it('[B1] breaks the line inside #{ in a packed bundle', () => {
    const texts = Array.from({ length: 60 }, (_, seed) =>
      Array.from({ length: 100 }, (_, at) => Math.sin(at + 100 * seed)).join(),
    );
    const packed = texts.map(pack);
    expect(packed.some((each) => each.includes('#\n{'))).toBe(true);
    expect(packed.every((each) => /^[!-&(-~\n]+$/.test(each) && !each.includes('#{'))).toBe(true);
    expect(packed.map(unpack)).toEqual(texts);
  });

  it.each([
    {
      wrong: 'a launcher without a placeholder',
      source: 'x',
      loader: 'run();',
      message: "must contain '__NAMES__' once",
    },
    {
      wrong: 'a placeholder that occurs twice',
      source: `${launcher.source} '__LOADER__'`,
      loader: 'run();',
      message: 'once',
    },
    {
      wrong: 'an expression of Octopus',
      source: `#{x} ${launcher.source}`,
      loader: 'run();',
      message: 'contains #{',
    },
    {
      wrong: 'letters beyond ASCII',
      source: `echo ü; ${launcher.source}`,
      loader: 'run();',
      message: 'non-ASCII',
    },
    {
      wrong: 'a loader with a double quote',
      source: launcher.source,
      loader: `run('"');`,
      message: 'double quote',
    },
    {
      wrong: 'more bytes than allowed',
      source: `# ${'x'.repeat(150_000)}\n${launcher.source}`,
      loader: 'run();',
      message: 'under 150000',
    },
  ])('[B1] is rejected with $wrong', ({ source, loader, message }) => {
    expect(() => scriptBody({ shell: 'bash', source }, pack('x'), loader)).toThrow(message);
  });
});
