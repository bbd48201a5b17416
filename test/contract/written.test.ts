import { getComments, getIssue } from 'jira.js/cloud';
import { getCustomerRequestByIdOrKey, getRequestComments } from 'jira.js/serviceDesk';
import { describe, expect } from 'vitest';
import { field, scenario } from '../black-box/scenario.ts';
import type { Flavour } from '../sandbox/account.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import { jiraJs, version2 } from './jira-js.ts';

const runLine = 'Octopus run: https://octopus.acme.example Spaces-1 Deployments-421';
const taskLink = 'https://octopus.acme.example/app#/Spaces-1/tasks/ServerTasks-9001';
/** The id of the field Impact. */
const impactId = 'customfield_10004';
const earlier = (name: string): string => `Octopus.Action[Change gate].Output.${name}`;
const comments = { 'JsmChange.CustomerComments': 'True' };

describe('an independent client reads what the action wrote', () => {
  scenario.for<Flavour>(['cloud', 'dc'])(
    '[C1] [V2] to its change request, comments and status (%s)',
    async (flavour, { jsm }) => {
      const { run, sandbox } = await jsm({
        flavour,
        speed: 10,
        onCreate: (model, key) => model.moveTo(key, 'Implementing'),
      });
      const client = jiraJs(sandbox);
      const platform = version2(client);

      const gated = await run({
        ...comments,
        [field('Planned start')]: '2026-06-13T10:00:00.000+1000',
        [field('Impact')]: 'Minor',
      });
      const issueIdOrKey = gated.outputs['ChangeRequest.Number'] ?? '';
      const request = await getCustomerRequestByIdOrKey(client, { issueIdOrKey });
      expect(request).toMatchObject({ issueKey: 'CHG-1', serviceDeskId: '10', requestTypeId: '25' });
      const shown = new Map(request.requestFieldValues?.map(({ label, value }) => [label, value]));
      expect(shown.get('Summary')).toBe(deploymentTitle);
      expect(shown.get('Planned start')).toMatchObject({ epochMillis: Date.UTC(2026, 5, 13) });
      const { fields } = await getIssue(platform, { issueIdOrKey });
      expect(String(fields?.['description']).split('\n').at(-1)).toBe(runLine);
      // The form lacks this field, so the action writes it by an edit.
      expect(fields?.[impactId]).toMatchObject({ value: 'Minor' });

      await run({
        ...comments,
        'JsmChange.Operation': 'Report',
        'JsmChange.SuccessStatus': 'Completed',
        [earlier('ChangeRequest.Number')]: issueIdOrKey,
        [earlier('Decision')]: 'Proceed',
      });
      const { values = [] } = await getRequestComments(client, { issueIdOrKey });
      const written = values.map(({ body }) => body);
      expect(new Set(written).size).toBe(2);
      for (const value of values) {
        expect(value).toMatchObject({ public: true, body: expect.stringContaining(taskLink) });
      }
      const page = await getComments(platform, { issueIdOrKey });
      expect(page.comments?.map(({ body }) => body)).toEqual(written);
      const after = await getIssue(platform, { issueIdOrKey, fields: ['status'] });
      expect(after.fields).toMatchObject({ status: { name: 'Completed', statusCategory: { key: 'done' } } });
    },
  );
});
