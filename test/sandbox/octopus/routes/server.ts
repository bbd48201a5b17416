import { json, type Reply } from '../../exchange.ts';
import { isMemberOf, userJson } from '../account.ts';
import type { Call, Route } from '../call.ts';
import type { Space } from '../directory.ts';
import { notFound } from '../error.ts';
import type { OctopusModel } from '../model.ts';
import { page } from '../page.ts';

export const serverRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: /^\/users\/me$/,
    isGlobal: true,
    answer: ({ user }) => json(200, userJson(user)),
  },
  {
    method: 'GET',
    pattern: /^\/spaces\/all$/,
    isGlobal: true,
    answer: (call) =>
      json(
        200,
        spacesOf(call).map((space) => spaceJson(call.octopus, space)),
      ),
  },
  { method: 'GET', pattern: /^\/spaces$/, isGlobal: true, answer: spaces },
  { method: 'GET', pattern: /^\/spaces\/([^/]+)$/, isGlobal: true, answer: oneSpace },
];

/** Answers `GET /api`, which needs no login. */
export function rootDocument({ behaviour }: OctopusModel): Reply {
  return json(200, {
    Application: 'Octopus Deploy',
    Version: behaviour.version,
    ApiVersion: '3.0.0',
    InstallationId: 'ad5d4a2c-5ea6-4c0a-a3a7-6b8e0c3ad0c7',
    IsEarlyAccessProgram: false,
    HasLongTermSupport: true,
    Links: {
      Self: '/api',
      CurrentUser: '/api/users/me',
      Spaces: '/api/spaces{/id}{?skip,ids,take,partialName}',
      Interruptions: '/api/interruptions{/id}{?skip,take,regarding,pendingOnly,ids}',
      Tasks:
        '/api/tasks{/id}{?skip,active,environment,tenant,runbook,project,name,node,running,states,take,ids}',
    },
  });
}

function spacesOf({ octopus, user }: Call): readonly Space[] {
  return octopus.spaces.filter((space) => isMemberOf(user, space.id));
}

function spaces(call: Call): Reply {
  const { octopus, query } = call;
  const part = (query.get('partialName') ?? '').toLowerCase();
  return page({
    query,
    path: '/api/spaces',
    itemType: 'Space',
    longestPage: octopus.behaviour.longestPage,
    items: spacesOf(call).filter(({ name }) => name.toLowerCase().includes(part)),
    toJson: (space) => spaceJson(octopus, space),
  });
}

function oneSpace(call: Call): Reply {
  const wanted = call.parts[0] ?? '';
  const space = spacesOf(call).find(({ id, slug }) => id === wanted || slug === wanted);
  return space === undefined ? notFound(wanted) : json(200, spaceJson(call.octopus, space));
}

function spaceJson({ defaultSpace }: OctopusModel, space: Space): Record<string, unknown> {
  return {
    Id: space.id,
    Name: space.name,
    Slug: space.slug,
    Description: '',
    IsDefault: space === defaultSpace,
    TaskQueueStopped: false,
    SpaceManagersTeams: [`teams-spacemanagers-${space.id}`],
    SpaceManagersTeamMembers: [],
    Links: { Self: `/api/spaces/${space.id}`, SpaceHome: `/api/${space.id}` },
  };
}
