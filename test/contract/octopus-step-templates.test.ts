import { readFileSync } from 'node:fs';
import type { Client, ResourceCollection } from '@octopusdeploy/api-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callerOf } from '../sandbox/octopus/caller.ts';
import { type OctopusServer, startOctopus } from '../sandbox/octopus/server.ts';
import { octopusClient } from './octopus-client.ts';

interface TemplateResource {
  readonly Id: string;
  readonly Name: string;
  readonly Version: number;
}

/** The fields of a usage in the reference. */
const usageFields = [
  'ActionId',
  'ActionName',
  'ActionTemplateId',
  'Branch',
  'DeploymentProcessId',
  'Id',
  'Links',
  'ProcessId',
  'ProcessType',
  'ProjectId',
  'ProjectName',
  'ProjectSlug',
  'Release',
  'RunbookId',
  'RunbookName',
  'StepId',
  'StepName',
  'Version',
];

const path = '~/api/Spaces-1/actiontemplates';
const exported = JSON.parse(readFileSync(new URL('../../step-template.json', import.meta.url), 'utf8'));

describe('Step templates on the Octopus stand-in, through Octopus’ own client', () => {
  let octopus: OctopusServer;
  let client: Client;
  beforeEach(async () => {
    octopus = await startOctopus();
    const { apiKey } = octopus.addUser({
      username: 'admin',
      permissions: ['ActionTemplateView', 'ActionTemplateCreate', 'ActionTemplateEdit', 'ProcessEdit'],
    });
    client = await octopusClient(octopus.url, apiKey);
  });
  afterEach(() => octopus.close());

  const add = (): Promise<TemplateResource> => client.doCreate(path, { ...exported, SpaceId: 'Spaces-1' });

  it('adds the product’s template under an id of the server, and finds it by name', async () => {
    const { Id } = await add();
    expect(Id).toBe('ActionTemplates-1');
    const { Items } = await client.get<ResourceCollection<TemplateResource>>(
      `${path}?partialName=jira%20service`,
    );
    expect(Items).toMatchObject([{ Id, Name: exported.Name, Version: 0, Properties: exported.Properties }]);
    expect(await client.get(`${path}/all`)).toHaveLength(1);
    await expect(add()).rejects.toMatchObject({ StatusCode: 400 });
    await expect(client.doCreate(path, { Name: 'X' })).rejects.toMatchObject({ StatusCode: 400 });
  });

  it('creates a version for each change, and keeps earlier versions', async () => {
    const template = await add();
    const changed = { ...template, Description: 'Changed' };
    expect(await client.doUpdate(`${path}/${template.Id}`, changed)).toMatchObject({ Version: 1 });
    expect(await client.doUpdate(`${path}/${template.Id}`, changed)).toMatchObject({ Version: 2 });
    expect(await client.get(`${path}/${template.Id}/versions/0`)).toMatchObject({
      Description: exported.Description,
    });
    octopus.behaviour.refusesStaleVersions = true;
    await expect(client.doUpdate(`${path}/${template.Id}`, changed)).rejects.toMatchObject({
      StatusCode: 409,
    });
  });

  it('shows where a template is used, and updates steps to another version', async () => {
    const { stepTemplates, defaultSpace } = octopus;
    const resource = { Name: 'Gate', ActionType: 'Octopus.Script', SpaceId: 'Spaces-1' };
    const template = stepTemplates.add(defaultSpace, {
      ...resource,
      Parameters: [{ Name: 'A', DefaultValue: '' }],
    });
    const gate = stepTemplates.use({ template, step: 'Change gate' });
    const resume = stepTemplates.use({ template, step: 'Resume', runbook: 'Resume parked deployments' });
    const torn = stepTemplates.use({
      template,
      step: 'Edited',
      project: 'Shop',
      conflicts: { Body: ['changed'] },
    });
    stepTemplates.change(template, { ...resource, Parameters: [{ Name: 'A' }, { Name: 'B' }] });
    const usages = await client.get<Record<string, string>[]>(`${path}/${template.id}/usage`);
    expect(Object.keys(usages[0] ?? {}).sort()).toEqual(usageFields);
    expect(usages).toMatchObject([
      { ActionId: gate.actionId, ProcessType: 'Deployment', StepName: 'Change gate', Version: '0' },
      { ActionId: resume.actionId, ProcessType: 'Runbook', RunbookName: 'Resume parked deployments' },
      { ActionId: torn.actionId, ProjectName: 'Shop' },
    ]);
    expect(await client.get(`${path}/${template.id}/usage?process=Runbook`)).toHaveLength(1);
    const update = (more: Record<string, unknown>): Promise<readonly { Outcome: string }[]> =>
      client.doCreate(`${path}/${template.id}/actionsUpdate`, {
        Id: template.id,
        SpaceId: 'Spaces-1',
        Version: 1,
        ActionsToUpdate: usages.map(({ ActionId, ProcessId, ProcessType, ProjectId }) => ({
          ActionIds: [ActionId],
          ProcessId,
          ProcessType,
          ProjectId,
        })),
        ...more,
      });
    expect(await update({})).toMatchObject(
      Array(3).fill({
        Outcome: 'DefaultParamterValueMissing',
        NamesOfNewParametersMissingDefaultValue: ['B'],
      }),
    );
    const DefaultPropertyValues = { B: { Value: 'b', IsSensitive: false } };
    const outcomes = (await update({ DefaultPropertyValues })).map(({ Outcome }) => Outcome);
    expect(outcomes).toEqual(['Success', 'Success', 'ManualMergeRequired']);
    expect([gate.version, resume.version, torn.version]).toEqual([1, 1, 0]);
    expect(gate.values).toEqual(DefaultPropertyValues);
    expect(await update({ DefaultPropertyValues, Overrides: { Body: 'mine' } })).toMatchObject(
      Array(3).fill({ Outcome: 'Success' }),
    );
    expect(torn.version).toBe(1);
  });

  it('requires the permission for each action', () => {
    const viewer = callerOf(
      octopus,
      octopus.addUser({ username: 'viewer', permissions: ['ActionTemplateView'] }),
    );
    const { id } = octopus.stepTemplates.add(octopus.defaultSpace, { Name: 'Gate' });
    expect(viewer.get('/api/Spaces-1/actiontemplates').status).toBe(200);
    expect(viewer.post('/api/Spaces-1/actiontemplates', exported).status).toBe(403);
    expect(viewer.put(`/api/Spaces-1/actiontemplates/${id}`, exported).status).toBe(403);
    expect(viewer.post(`/api/Spaces-1/actiontemplates/${id}/actionsUpdate`, {}).status).toBe(403);
    expect(viewer.post(`/api/Spaces-1/actiontemplates/${id}/logo`, {}).status).toBe(403);
  });
});
