import { describe, expect, it } from 'vitest';
import { createTaskLog } from '../../src/octopus/task-log.ts';
import { Variables } from '../../src/octopus/variables.ts';
import { type ChangeControl, decideChangeControl } from '../../src/settings/change-control.ts';
import { RecordedLines } from '../octopus/recorded-lines.ts';

const project = 'JsmChange.ProjectChangeControlled';
const environment = 'JsmChange.EnvironmentChangeControlled';

function decided(variables: Readonly<Record<string, string>>, operation: 'Gate' | 'Test' = 'Gate') {
  const log = createTaskLog({ out: new RecordedLines(), redact: (text) => text, asciiOnly: false });
  return decideChangeControl(new Variables(variables), operation, log);
}

function problems(control: ChangeControl): readonly string[] {
  return control.kind === 'required' ? control.site.problems.map(({ variable }) => variable) : [];
}

describe('change control by the parameters', () => {
  it('[S1] that needs no approval looks at nothing else', async () => {
    await expect(decided({ [environment]: 'False', 'JsmChange.BaseUrl': 'nowhere' })).resolves.toMatchObject({
      kind: 'ended',
      outcome: { verdict: 'NotRequired' },
    });
  });

  it('tells what is wrong with the scope together with everything else', async () => {
    expect(
      problems(await decided({ [project]: 'perhaps', [environment]: 'no', 'JsmChange.BaseUrl': 'nowhere' })),
    ).toEqual(expect.arrayContaining([project, environment, 'JsmChange.BaseUrl', 'JsmChange.Token']));
  });

  it('[S1] a scope that is not understood is never one that needs no approval', async () => {
    const control = await decided({ [project]: 'perhaps', [environment]: 'False' });
    expect(control.kind).toBe('required');
    expect(problems(control)).toContain(project);
  });

  it('[V4] `Test` asks for the site alone', async () => {
    expect(problems(await decided({ [project]: 'False', [environment]: 'perhaps' }, 'Test'))).not.toContain(
      environment,
    );
  });
});
