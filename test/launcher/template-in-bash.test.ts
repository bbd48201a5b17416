import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { startParked } from '../black-box/parked.ts';
import { deploymentTitle, deploymentVariables } from '../sandbox/octopus-variables.ts';
import { type Sandbox, startSandbox } from '../sandbox/server.ts';
import { messages, type OctopusVariables, outputs, runStep } from './bash-step.ts';

const template = JSON.parse(readFileSync(new URL('../../step-template.json', import.meta.url), 'utf8'));
const body: string = template.Properties['Octopus.Action.Script.ScriptBody'];

const kinds = [
  { kind: 'with octopus_parameters', options: 'array nounset' },
  { kind: 'with only get_octopusvariable', options: 'errexit' },
];

let sandbox: Sandbox;

afterEach(() => sandbox.close());

/** Runs the body of the step template against a site as Octopus would. */
async function deploy(options: string, overrides: OctopusVariables = {}) {
  const variables = deploymentVariables(sandbox, { 'JsmChange.WaitLimitMinutes': '1', ...overrides });
  const ended = await runStep({ body, options, variables });
  expect(ended.stderr).toBe('');
  expect(ended.left).toEqual([]);
  const token = variables['JsmChange.Token'] ?? '';
  expect(ended.stdout).not.toContain(token);
  return { ...ended, outputs: outputs(ended.stdout) };
}

describe.each(kinds)('The body of step-template.json in Bash, $kind', ({ options }) => {
  it('allows a deployment whose change request is ready', async () => {
    sandbox = await startSandbox();
    const { key } = sandbox.site.createRequest({ summary: 'A change', status: 'Implementing' });
    const ended = await deploy(options, {
      'Octopus.JiraServiceManagement.ChangeRequest.Number': ` ${key}\n`,
    });
    expect({ code: ended.code, outputs: ended.outputs }).toMatchObject({
      code: 0,
      outputs: { Decision: 'Proceed', 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Supplied' },
    });
  });

  it('stops a deployment whose change request is not approved if it must not wait', async () => {
    sandbox = await startSandbox();
    const { key } = sandbox.site.createRequest({ summary: deploymentTitle, status: 'Authorize' });
    const ended = await deploy(options, { 'JsmChange.WhenPending': 'Fail' });
    expect({ code: ended.code, outputs: ended.outputs }).toMatchObject({
      code: 1,
      outputs: { Decision: 'Stop', 'ChangeRequest.Number': key, 'ChangeRequest.Source': 'Matched' },
    });
    expect(messages(ended.stdout, 'resultMessage', 'message').join()).toContain(key);
  });

  it('raises a change request with its fields, waits for the approval and proceeds', async () => {
    sandbox = await startSandbox({
      onCreate: (site, key) => site.after(2500, () => site.moveTo(key, 'Implementing')),
    });
    const summary = `Déployer "l'appli" \\ 部署 $(x) * [1]`;
    const ended = await deploy(options, {
      'Octopus.JiraServiceManagement.Field[Summary]': summary,
      'Octopus.Project.Name': 'Web "Site" \\ $(x)',
    });
    expect({ code: ended.code, outputs: ended.outputs }, ended.stdout).toMatchObject({
      code: 0,
      outputs: { Decision: 'Proceed', 'ChangeRequest.Source': 'Created' },
    });
    expect(sandbox.site.openWithSummary(summary).map(({ key }) => key)).toEqual([
      ended.outputs['ChangeRequest.Number'],
    ]);
  });

  it('[R1] [B8] raises early and ends with 0, but allows nothing', async () => {
    sandbox = await startSandbox();
    const ended = await deploy(options, { 'JsmChange.Operation': 'Request' });
    expect({ code: ended.code, outputs: ended.outputs }).toMatchObject({
      code: 0,
      outputs: { Decision: 'Pending', 'ChangeRequest.Number': 'CHG-1' },
    });
    // The park line arrives unchanged, after several other lines.
    expect(ended.outputs['WaitInstructions']).toMatch(/\n\nParked: \S+ \S+ Spaces-1 Deployments-421$/);
  });

  it('requires nothing in an environment that is not change controlled', async () => {
    sandbox = await startSandbox();
    const ended = await deploy(options, { 'JsmChange.EnvironmentChangeControlled': 'False' });
    expect({ code: ended.code, outputs: ended.outputs }).toMatchObject({
      code: 0,
      outputs: { Decision: 'NotRequired' },
    });
    expect(sandbox.requests).toEqual([]);
  });
});

describe.each(kinds)('The body of resume-template.json in Bash, $kind', ({ options }) => {
  const resume = JSON.parse(readFileSync(new URL('../../resume-template.json', import.meta.url), 'utf8'));

  it('[B1] runs a pass, regardless of the variable JsmChange.Operation', async () => {
    const servers = await startParked();
    sandbox = servers.sandbox;
    const approved = servers.park();
    const waiting = servers.park({ status: 'Authorize' });
    const ended = await runStep({
      body: resume.Properties['Octopus.Action.Script.ScriptBody'],
      options,
      variables: servers.variables({ 'JsmChange.Operation': 'Gate' }),
    });
    await servers.octopus.close();
    expect({ code: ended.code, stderr: ended.stderr, outputs: outputs(ended.stdout) }).toEqual({
      code: 0,
      stderr: '',
      outputs: {},
    });
    expect(ended.stdout).toContain('Resume: 1 continued, 0 aborted, 1 still waiting');
    expect(approved.interruption.answer?.given).toBe('Proceed');
    expect(waiting.interruption.answer).toBeUndefined();
  });
});
