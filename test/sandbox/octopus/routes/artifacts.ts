import { json, noContent, plain, type Reply } from '../../exchange.ts';
import { holds, may } from '../account.ts';
import { type Call, type Route, textIn } from '../call.ts';
import { invalid, missingPermission, notFound } from '../error.ts';
import type { Artifact } from '../model.ts';
import { page, time } from '../page.ts';
import { relatedIds, subjectOf } from '../run.ts';

export const artifactRoutes: readonly Route[] = [
  { method: 'GET', pattern: /^\/artifacts$/, answer: list },
  { method: 'POST', pattern: /^\/artifacts$/, answer: create },
  {
    method: 'GET',
    pattern: /^\/artifacts\/([^/]+)$/,
    answer: (call) => onOne(call, (artifact) => json(200, artifactJson(artifact))),
  },
  {
    method: 'GET',
    pattern: /^\/artifacts\/([^/]+)\/content$/,
    answer: (call) => onOne(call, ({ content }) => plain(200, content)),
  },
  {
    method: 'PUT',
    pattern: /^\/artifacts\/([^/]+)\/content$/,
    takesAnyBody: true,
    answer: (call) =>
      onOne(call, (artifact) => {
        artifact.content = call.content;
        return noContent();
      }),
  },
];

function list({ octopus, user, space, query }: Call): Reply {
  if (!holds(user, 'ArtifactView', space.id)) return missingPermission('ArtifactView');
  const regarding = query.get('regarding') ?? '';
  const part = (query.get('partialName') ?? '').toLowerCase();
  const items = octopus.artifacts.filter(
    ({ run, filename }) =>
      run.spaceId === space.id &&
      (regarding === '' || relatedIds(run).includes(regarding)) &&
      filename.toLowerCase().includes(part) &&
      may(user, 'ArtifactView', subjectOf(run)),
  );
  return page({
    query,
    path: `/api/${space.id}/artifacts`,
    itemType: 'Artifact',
    longestPage: octopus.behaviour.longestPage,
    items: items.reverse(),
    toJson: artifactJson,
  });
}

function onOne({ octopus, user, space, parts }: Call, answer: (artifact: Artifact) => Reply): Reply {
  const id = parts[0] ?? '';
  const artifact = octopus.artifacts.find((each) => each.id === id && each.run.spaceId === space.id);
  if (artifact === undefined) return notFound(id);
  return may(user, 'ArtifactView', subjectOf(artifact.run))
    ? answer(artifact)
    : missingPermission('ArtifactView');
}

function create({ octopus, user, body }: Call): Reply {
  const filename = textIn(body, 'Filename') ?? '';
  const taskId = textIn(body, 'ServerTaskId') ?? '';
  const run = octopus.runs.find((each) => each.taskId === taskId);
  if (run === undefined || filename === '') return invalid('Filename and ServerTaskId are needed.');
  if (!may(user, 'ArtifactView', subjectOf(run))) return missingPermission('ArtifactView');
  return json(201, artifactJson(octopus.addArtifact(run, filename, '')));
}

function artifactJson({ id, filename, run, createdMs }: Artifact): Record<string, unknown> {
  const self = `/api/${run.spaceId}/artifacts/${id}`;
  return {
    Id: id,
    SpaceId: run.spaceId,
    Filename: filename,
    Source: null,
    ServerTaskId: run.taskId,
    Created: time(createdMs),
    Links: { Self: self, Content: `${self}/content` },
  };
}
