import { describe, expect } from 'vitest';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { changeWorkflow, createWorkflow } from '../sandbox/workflow.ts';
import { field, number, type Run, scenario } from './scenario.ts';

/** Texts that must not take effect in a task log. */
const hostile: [string, string][] = [
  [
    'service messages',
    [
      "##octopus[setVariable name='RGVjaXNpb24=' value='UHJvY2VlZA==']",
      'Review\n##octopus[stdout-highlight]\r\nApproved by everybody',
      "Review\u2028##OCTOPUS[resultMessage message='QWxsIGdvb2Q=']",
      "##oc\u200Btopus[mask value='UmV2aWV3']",
    ].join(' '),
  ],
  [
    'links',
    '[CHG-1](https://evil.example/browse/CHG-1) ](https://evil.example) https://evil.example/x <https://evil.example>',
  ],
  ['marks', '\u001b[2J\u001b[31mred\u0007\u0085 \u202Edevorppa\u202C \uFEFF'],
];

/** X1: every run is checked by the rules in `always.ts`; this adds that nothing leads to another site. */
function expectHarmless(run: Run): void {
  expect(run.text).not.toMatch(/:\/\/evil/);
  expect(run.text).not.toMatch(/[\u200B\u202A-\u202E]/);
  expect(run.summary.join('\n')).not.toMatch(/^Approved by everybody/m);
  expect(run.masks.join()).not.toContain('Review');
}

describe('[X1] text from JSM stays text', () => {
  scenario.for(hostile)('as a status: %s', async ([, name], { jsm }) => {
    const rows = [name, 'Implementing'].map((status, index) => [String(index), status, 'new'] as const);
    const { raise, run } = await jsm({ projects: [{ key: 'CHG', workflow: createWorkflow(rows, []) }] });
    const ended = await run({ [number]: raise() });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Stop' });
    expect(ended.outputs['ChangeRequest.Status']).toBe(name);
    expectHarmless(ended);
  });

  scenario.for(hostile)("as an approver's name: %s", async ([, name], { jsm }) => {
    const { raise, run } = await jsm({
      projects: [{ key: 'CHG', approvals: { Authorize: [`Bob ${name}`] } }],
    });
    // The approvers are asked for once, with a time limit that a fast clock would make too short.
    const ended = await run({ [number]: raise({ status: 'Authorize' }), 'JsmChange.WhenPending': 'Fail' });
    expect(ended.decision).toBe('Stop');
    expect(ended.summary.join('\n')).toMatch(/Still pending: Bob/);
    expectHarmless(ended);
  });

  scenario.for(hostile)('as a summary: %s', async ([, name], { jsm }) => {
    const { run } = await jsm({ speed: 10, rewriteSummary: (summary) => `${summary} ${name}` });
    const ended = await run();
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Stop',
      reason: expect.stringContaining(deploymentTitle),
    });
    expectHarmless(ended);
  });

  scenario.for(hostile)('as the value of a planned field: %s', async ([, value], { jsm }) => {
    const { raise, run } = await jsm();
    const ended = await run({
      [number]: raise({ status: 'Implementing', fields: { 'Planned end': value } }),
    });
    expect(ended).toMatchObject({
      exitCode: 1,
      decision: 'Stop',
      reason: expect.stringContaining('Planned end'),
    });
    expectHarmless(ended);
  });

  scenario.for(hostile)('as an error: %s', async ([, message], { jsm }) => {
    const body = JSON.stringify({ errorMessages: [message], errors: { [message]: message } });
    const { raise, run } = await jsm({ faults: [{ fault: { kind: 'status', status: 403, body } }] });
    const ended = await run({ [number]: raise() });
    expect(ended).toMatchObject({ exitCode: 1, decision: 'Error' });
    expectHarmless(ended);
  });
});

describe('[X1] text from a variable stays text', () => {
  scenario.for(hostile)('wherever it is used: %s', async ([, text], { jsm }) => {
    const { run, site } = await jsm({ speed: 10 });
    site.onCreate = (model, key) => model.moveTo(key, 'Implementing');
    const raised = await run({ 'Octopus.Project.Name': text.slice(0, 190) });
    expect(raised.decision).toBe('Proceed');
    expectHarmless(raised);
    for (const variables of [
      { [number]: text },
      { 'JsmChange.RequestType': text, [field('summary')]: 'Another title' },
      // The name of an environment entry cannot contain an equals sign.
      { [field(text.replaceAll('=', ''))]: text, [field('summary')]: 'Another title' },
      { 'JsmChange.WhenPending': text, 'JsmChange.BaseUrl': text, 'JsmChange.AllowedProjects': text },
      { 'JsmChange.PlannedStartField': text, [number]: 'CHG-1' },
    ]) {
      const ended = await run(variables);
      expect(ended.exitCode).toBe(1);
      expectHarmless(ended);
    }
  });
});

describe('the task log', () => {
  scenario('[M1] shows the change request as a link in the Task Summary', async ({ jsm }) => {
    const { raise, run, site, sandbox, afterChecks } = await jsm({
      speed: 10,
      contextPath: '/jira',
      flavour: 'dc',
    });
    const key = raise();
    afterChecks(2, () => site.moveTo(key, 'Implementing'));
    const ended = await run({
      [number]: key,
      'JsmChange.BaseUrl': `${sandbox.url}/`,
      'JsmChange.Username': 'octopus',
    });
    const link = `[${key}](${sandbox.url}/browse/${key})`;
    expect(ended.summary[0]).toContain(`The supplied change request is ${link}: `);
    expect(ended.summary[1]).toContain(
      `${link} is Review: waiting for its approval and the status Implementing. The step waits until `,
    );
    expect(ended.summary.at(-1)).toMatch(/^\[CHG-1\]\(.*\): Proceed\. /);
  });

  scenario.for(changeWorkflow.statuses.slice(0, 4).map(({ name }) => name))(
    '[M2] ends a stop in %s with what happened, why and what to do',
    async (status, { jsm }) => {
      const { raise, run } = await jsm();
      const ended = await run({ [number]: raise({ status }), 'JsmChange.WhenPending': 'Fail' });
      expect(ended.result).toMatch(new RegExp(`CHG-1 .*${status}.* Deploy again when it is ready`));
      expect(ended.summary.at(-1)).toContain(ended.result);
    },
  );

  scenario('[M3] is UTF-8', async ({ jsm }) => {
    const { raise, run } = await jsm({ speed: 10 });
    const workflow = 'Über-Straße ウェブ 🚀';
    raise({ summary: `Octopus: Deploy "${workflow}" version 1.0.1 to "Production"`, status: 'Planning' });
    raise({
      summary: `Octopus: Deploy "${workflow}" version 1.0.1 to "Production"`,
      status: 'Planning',
      lagged: false,
    });
    const ended = await run({ 'Octopus.Project.Name': workflow });
    expect(ended.text).toContain(workflow);
    expect(ended.reason).toContain(workflow);
  });
});
