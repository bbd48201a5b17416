import { beforeEach, describe, expect, it } from 'vitest';
import { SettableClock } from '../clock.ts';
import { callerOf } from './caller.ts';
import type { GrantOption, UserOptions } from './directory.ts';
import { createOctopus, type Octopus } from './octopus.ts';

const view: GrantOption = 'InterruptionView';
const submitAsMember: GrantOption = 'InterruptionViewSubmitResponsible';
const team = 'Change gate';

let octopus: Octopus;
beforeEach(() => {
  octopus = createOctopus({ clock: new SettableClock() });
});

function userWith(permissions: readonly GrantOption[], options: Partial<UserOptions> = {}) {
  const user = octopus.addUser({ username: 'robot', permissions, ...options });
  return { user, ...callerOf(octopus, user) };
}

const listed = (answer: { json: unknown }): number => (answer.json as { TotalResults: number }).TotalResults;

describe('Who may see and answer an interruption', () => {
  it.each<
    [what: string, granted: readonly GrantOption[], teams: readonly string[], list: number, take: number]
  >([
    ['a member who may see and submit', [view, submitAsMember], [team], 200, 200],
    ['a member without InterruptionView', [submitAsMember], [team], 403, 403],
    ['a member who may only see', [view], [team], 200, 403],
    ['somebody of no team', [view, submitAsMember], [], 200, 403],
    ['anybody with InterruptionSubmit', [view, 'InterruptionSubmit'], [], 200, 200],
    ['somebody without any role in the space', [], [team], 401, 401],
  ])('%s', (_what, granted, teams, list, take) => {
    const { id } = octopus.park({ responsibleTeams: [team] });
    const caller = userWith(granted, { teams });
    expect(caller.get('/api/Spaces-1/interruptions').status).toBe(list);
    expect(caller.take(id).status).toBe(take);
    expect(caller.submit(id, 'Proceed').status).toBe(take);
    expect(octopus.interruptions[0]?.answer?.given).toBe(take === 200 ? 'Proceed' : undefined);
  });

  it('a team may hold the permissions for its members', () => {
    octopus
      .team(team)
      .grants.push(
        { permission: view, spaceId: 'Spaces-1' },
        { permission: submitAsMember, spaceId: 'Spaces-1' },
      );
    const { id } = octopus.park({ responsibleTeams: [team] });
    expect(userWith([], { teams: [team] }).take(id).status).toBe(200);
  });

  it('without a responsible team, whoever may deploy the project', () => {
    const { id } = octopus.park();
    expect(userWith([view, submitAsMember], { teams: [team] }).take(id).status).toBe(403);
    expect(userWith([view, 'DeploymentCreate']).take(id).status).toBe(200);
  });

  it('a permission may be limited to projects and environments, and then names its tenants', () => {
    octopus.park({ project: 'Web Site' });
    octopus.park({ project: 'Web Site', tenant: 'Acme' });
    octopus.park({ project: 'Shop' });
    octopus.park({ project: 'Web Site', environment: 'Test' });
    const limited = { projects: ['Web Site'], environments: ['Production'] };
    const count = (grant: GrantOption): number =>
      listed(userWith([grant]).get('/api/Spaces-1/interruptions'));
    expect(count(view)).toBe(4);
    expect(count({ permission: 'InterruptionView', ...limited })).toBe(1);
    expect(count({ permission: 'InterruptionView', ...limited, tenants: ['Acme'] })).toBe(2);
  });

  it('a space shows nothing of another, by id or by slug', () => {
    const other = octopus.addSpace('Other Space');
    octopus.park();
    const { id } = octopus.park({ space: other });
    const caller = userWith([view], { space: other });
    for (const space of [other.id, `spaces/${other.id}`, 'spaces/other-space']) {
      expect(listed(caller.get(`/api/${space}/interruptions`))).toBe(1);
      expect(caller.get(`/api/${space}/interruptions/${id}`).status).toBe(200);
      expect(caller.get(`/api/${space}/interruptions/Interruptions-1`).status).toBe(404);
    }
    expect(caller.get('/api/Spaces-1/interruptions').status).toBe(401);
    expect(caller.get('/api/interruptions').status).toBe(401);
    expect(caller.get('/api/Spaces-9/interruptions').status).toBe(404);
    expect(caller.get('/api/spaces/all').json).toMatchObject([{ Id: other.id }]);
    octopus.behaviour.outsiderStatus = 403;
    expect(caller.get('/api/Spaces-1/interruptions').status).toBe(403);
  });
});

describe('Answering an interruption', () => {
  it('needs responsibility first, and happens once', () => {
    const { id } = octopus.park({ responsibleTeams: [team] });
    const first = userWith([view, submitAsMember], { teams: [team] });
    const second = userWith([view, submitAsMember], { teams: [team] });
    expect(first.submit(id, 'Proceed').status).toBe(403);
    expect(first.get(`/api/Spaces-1/interruptions/${id}/responsible`).status).toBe(204);
    expect(first.take(id).json).toMatchObject({ Id: first.user.id });
    expect(first.get(`/api/Spaces-1/interruptions/${id}/responsible`).json).toMatchObject({
      Id: first.user.id,
    });
    expect(second.take(id).status).toBe(409);
    expect(second.submit(id, 'Abort').status).toBe(403);
    octopus.behaviour.takeoverStatus = 200;
    expect(second.take(id).status).toBe(200);
    expect(first.submit(id, 'Proceed').status).toBe(403);
    expect(second.submit(id, 'Abort', 'Declined').json).toMatchObject({
      IsPending: false,
      ResponsibleUserId: second.user.id,
      Form: { Values: { Result: 'Abort', Notes: 'Declined' } },
    });
    expect(second.submit(id, 'Abort').status).toBe(409);
    expect(second.take(id).status).toBe(409);
    expect(octopus.tasks[0]).toMatchObject({ state: 'Failed' });
  });

  it('refuses an answer that the form does not have, and a body without the ids', () => {
    const { id } = octopus.park();
    const caller = userWith([view, 'InterruptionSubmit']);
    caller.take(id);
    expect(caller.submit(id, 'Maybe')).toMatchObject({
      status: 400,
      json: { Errors: ['Result must be one of Proceed, Abort.'] },
    });
    const path = `/api/Spaces-1/interruptions/${id}/submit`;
    expect(caller.post(path, { Result: 'Proceed' }).status).toBe(400);
    octopus.behaviour.submitNeedsIds = false;
    expect(caller.post(path, { Result: 'Proceed' }).status).toBe(200);
  });

  it('offers a guided failure its own answers', () => {
    const task = octopus.addRun();
    const { id } = octopus.interrupt(task, {
      title: 'X requires failure guidance',
      type: 'GuidedFailure',
      instructions: '',
    });
    const caller = userWith([view, 'InterruptionSubmit']);
    caller.take(id);
    expect(caller.submit(id, 'Proceed').status).toBe(400);
    expect(caller.submit(id, 'Retry').json).toMatchObject({ Form: { Values: { Guidance: 'Retry' } } });
  });

  it('is no longer possible when the task was canceled', () => {
    const { id, task } = octopus.park();
    const caller = userWith([view, 'InterruptionSubmit']);
    octopus.cancel(task);
    expect(caller.get(`/api/Spaces-1/interruptions/${id}`).json).toMatchObject({ IsPending: false });
    expect(caller.take(id).status).toBe(409);
    expect(task).toMatchObject({ state: 'Canceled', interruptions: [] });
  });
});
