import { describe, expect, it } from 'vitest';
import { createTaskLog } from '../../src/octopus/task-log.ts';
import { Variables } from '../../src/octopus/variables.ts';
import { decideChangeControl } from '../../src/settings/change-control.ts';
import { StepInput } from '../../src/settings/step-input.ts';
import { RecordedLines } from '../octopus/recorded-lines.ts';

const project = 'JsmChange.ProjectChangeControlled';
const environment = 'JsmChange.EnvironmentChangeControlled';

async function decided(variables: Readonly<Record<string, string>>, operation: 'Gate' | 'Test' = 'Gate') {
  const log = createTaskLog({ out: new RecordedLines(), redact: (text) => text, asciiOnly: false });
  const input = new StepInput(new Variables(variables));
  const control = await decideChangeControl(input, operation, log);
  return { control, problems: input.problems.map(({ variable }) => variable) };
}

describe('change control from the parameters', () => {
  it('[S1] [I4] reads nothing else if no approval is required', async () => {
    await expect(decided({ [environment]: 'False', 'JsmChange.BaseUrl': 'nowhere' })).resolves.toMatchObject({
      control: { kind: 'ended', outcome: { verdict: 'NotRequired' } },
      problems: [],
    });
  });

  it('[I3] reports problems of the scope together with all others', async () => {
    const { problems } = await decided({
      [project]: 'perhaps',
      [environment]: 'no',
      'JsmChange.BaseUrl': 'nowhere',
    });
    expect(problems).toEqual(
      expect.arrayContaining([project, environment, 'JsmChange.BaseUrl', 'JsmChange.Token']),
    );
  });

  it('[S1] requires approval if the scope cannot be read', async () => {
    const { control, problems } = await decided({ [project]: 'perhaps', [environment]: 'False' });
    expect(control.kind).toBe('required');
    expect(problems).toContain(project);
  });

  it('[V4] only reads the site in `Test`', async () => {
    const { problems } = await decided({ [project]: 'False', [environment]: 'perhaps' }, 'Test');
    expect(problems).not.toContain(environment);
  });
});
