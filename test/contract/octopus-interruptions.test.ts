import {
  type Client,
  type ResourceCollection,
  SpaceRepository,
  userGetCurrent,
} from '@octopusdeploy/api-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { User } from '../sandbox/octopus/account.ts';
import { type OctopusServer, startOctopus } from '../sandbox/octopus/server.ts';
import { octopusClient } from './octopus-client.ts';

interface InterruptionResource {
  readonly Id: string;
  readonly IsPending: boolean;
  readonly ResponsibleUserId: string | null;
  readonly CanTakeResponsibility: boolean;
  readonly HasResponsibility: boolean;
}

const path = '~/api/{spaceId}/interruptions';
const list = `${path}{?skip,take,regarding,pendingOnly,ids}`;

/** The fields of an interruption and of a list in the reference. */
const interruptionFields = [
  'CanTakeResponsibility',
  'CorrelationId',
  'Created',
  'Form',
  'HasResponsibility',
  'Id',
  'IsLinkedToOtherInterruption',
  'IsPending',
  'Links',
  'PullRequests',
  'RelatedDocumentIds',
  'ResponsibleTeamIds',
  'ResponsibleUserId',
  'SpaceId',
  'TaskId',
  'Title',
  'Type',
];
const listFields = ['ItemsPerPage', 'Items', 'LastPageNumber', 'Links', 'NumberOfPages', 'TotalResults'];

describe('The Octopus stand-in, through Octopus’ own client', () => {
  let octopus: OctopusServer;
  let service: User;
  let client: Client;
  beforeEach(async () => {
    octopus = await startOctopus();
    service = octopus.addUser({
      username: 'svc-resume',
      isService: true,
      teams: ['Change gate'],
      permissions: ['InterruptionView', 'InterruptionViewSubmitResponsible', 'TaskView'],
    });
    client = await octopusClient(octopus.url, service.apiKey);
  });
  afterEach(() => octopus.close());

  const one = (id: string): Promise<InterruptionResource> =>
    client.get(`${path}/{id}`, { spaceId: 'Spaces-1', id });

  it('returns the version without a login, and the user and the spaces with one', async () => {
    expect(await client.getServerInformation()).toMatchObject({ version: '2026.3.4821' });
    expect(await userGetCurrent(client)).toMatchObject({ Username: 'svc-resume', IsService: true });
    const spaces = await new SpaceRepository(client).list({ partialName: 'def' });
    expect(spaces.Items).toMatchObject([{ Id: 'Spaces-1', Name: 'Default', IsDefault: true }]);
    expect(await client.get('~/api/spaces/all')).toHaveLength(1);
  });

  it('returns an interruption with all fields of the reference, and its form', async () => {
    const { id, task } = octopus.park({ instructions: 'Wait, please', responsibleTeams: ['Change gate'] });
    const interruption = await one(id);
    expect(Object.keys(interruption).sort()).toEqual(interruptionFields);
    expect(interruption).toMatchObject({
      Id: id,
      SpaceId: 'Spaces-1',
      Type: 'ManualIntervention',
      IsPending: true,
      TaskId: task.id,
      RelatedDocumentIds: [task.run.id, task.id, 'Projects-1', 'Environments-1'],
      ResponsibleUserId: null,
      CanTakeResponsibility: true,
      HasResponsibility: false,
      Form: {
        Values: { Instructions: null, Notes: null, Result: null },
        Elements: [
          { Name: 'Instructions', Control: { Type: 'Paragraph', Text: 'Wait, please' } },
          { Name: 'Notes', Control: { Type: 'TextArea' } },
          {
            Name: 'Result',
            Control: { Type: 'SubmitButtonGroup', Buttons: [{ Value: 'Proceed' }, { Value: 'Abort' }] },
          },
        ],
      },
      Links: { Submit: `/api/Spaces-1/interruptions/${id}/submit` },
    });
  });

  it('takes responsibility and submits, and the task proceeds', async () => {
    const { id, task } = octopus.park({ responsibleTeams: ['Change gate'] });
    expect(await client.doUpdate(`${path}/${id}/responsible`, {}, { spaceId: 'Spaces-1' })).toMatchObject({
      Id: service.id,
    });
    expect(await one(id)).toMatchObject({ HasResponsibility: true, ResponsibleUserId: service.id });
    const submitted = await client.doCreate(
      `${path}/${id}/submit`,
      { Id: id, SpaceId: 'Spaces-1', Result: 'Proceed', Notes: 'Approved' },
      { spaceId: 'Spaces-1' },
    );
    expect(submitted).toMatchObject({ Id: id, IsPending: false, CanTakeResponsibility: false });
    expect(octopus.interruptions[0]?.answer).toMatchObject({
      given: 'Proceed',
      notes: 'Approved',
      by: service,
    });
    octopus.catchUp();
    expect(task.state).toBe('Success');
  });

  it('pages lists, newest first, with 30 items by default', async () => {
    for (let place = 0; place < 65; place += 1) octopus.park();
    const read = (args: Record<string, unknown>): Promise<ResourceCollection<InterruptionResource>> =>
      client.get(list, { spaceId: 'Spaces-1', ...args } as never);
    const first = await read({});
    expect(Object.keys(first)).toEqual(expect.arrayContaining(listFields));
    expect(first).toMatchObject({ TotalResults: 65, ItemsPerPage: 30, NumberOfPages: 3, LastPageNumber: 2 });
    expect(first.Items.map(({ Id }) => Id).slice(0, 2)).toEqual(['Interruptions-65', 'Interruptions-64']);
    expect((await read({ skip: 60, take: 100 })).Items.at(-1)?.Id).toBe('Interruptions-1');
    expect((await read({ take: 100 })).Items).toHaveLength(65);
    octopus.behaviour.longestPage = 20;
    expect(await read({ take: 100 })).toMatchObject({ ItemsPerPage: 20, NumberOfPages: 4 });
  });

  it('finds pending interruptions, and those of a run, its task, project or environment', async () => {
    const [web, shop] = [octopus.park({ project: 'Web Site' }), octopus.park({ project: 'Shop' })];
    octopus.answerInterruption(shop, 'Abort', service);
    const ids = async (args: Record<string, unknown>): Promise<readonly string[]> => {
      const { Items } = await client.get<ResourceCollection<InterruptionResource>>(list, {
        spaceId: 'Spaces-1',
        ...args,
      } as never);
      return Items.map(({ Id }) => Id);
    };
    expect(await ids({ pendingOnly: true })).toEqual([web.id]);
    expect(await ids({ pendingOnly: false })).toEqual([shop.id, web.id]);
    for (const regarding of [web.task.id, web.task.run.id, web.task.run.project.id]) {
      expect(await ids({ regarding })).toEqual([web.id]);
    }
    expect(await ids({ regarding: 'Environments-1' })).toEqual([shop.id, web.id]);
    expect(await ids({ ids: [shop.id] })).toEqual([shop.id]);
  });

  it('returns errors that the client understands', async () => {
    await expect(one('Interruptions-99')).rejects.toMatchObject({
      StatusCode: 404,
      message: "The resource 'Interruptions-99' was not found.",
    });
    const stranger = await octopusClient(octopus.url, 'API-NOBODY');
    await expect(stranger.get('~/api/users/me')).rejects.toMatchObject({ StatusCode: 401 });
  });
});
