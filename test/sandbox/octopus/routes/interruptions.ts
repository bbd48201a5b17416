import { json, noContent, type Reply } from '../../exchange.ts';
import { holds, may, userJson } from '../account.ts';
import { type Call, type Route, textIn } from '../call.ts';
import { invalid, missingPermission, notFound, octopusError } from '../error.ts';
import {
  canTakeResponsibility,
  type Guidance,
  type Interruption,
  interruptionJson,
  isPending,
  type Verdict,
} from '../interruption.ts';
import { choices, page } from '../page.ts';
import { relatedIds, subjectOf } from '../run.ts';

export const interruptionRoutes: readonly Route[] = [
  { method: 'GET', pattern: /^\/interruptions$/, answer: list },
  { method: 'GET', pattern: /^\/interruptions\/([^/]+)$/, answer: (call) => onOne(call, one) },
  {
    method: 'GET',
    pattern: /^\/interruptions\/([^/]+)\/responsible$/,
    answer: (call) => onOne(call, responsible),
  },
  { method: 'PUT', pattern: /^\/interruptions\/([^/]+)\/responsible$/, answer: (call) => onOne(call, take) },
  { method: 'POST', pattern: /^\/interruptions\/([^/]+)\/submit$/, answer: (call) => onOne(call, submit) },
];

function list(call: Call): Reply {
  const { octopus, user, space, query } = call;
  if (!holds(user, 'InterruptionView', space.id)) return missingPermission('InterruptionView');
  const onlyPending = query.get('pendingOnly')?.toLowerCase() === 'true';
  const ids = choices(query, 'ids');
  const regarding = query.get('regarding') ?? '';
  const items = octopus.interruptions.filter(
    (interruption) =>
      interruption.task.run.spaceId === space.id &&
      (!onlyPending || isPending(interruption)) &&
      (ids === undefined || ids.includes(interruption.id)) &&
      (regarding === '' || relatedIds(interruption.task.run).includes(regarding)) &&
      may(user, 'InterruptionView', subjectOf(interruption.task.run)),
  );
  return page({
    query,
    path: `/api/${space.id}/interruptions`,
    itemType: 'Interruption',
    longestPage: octopus.behaviour.longestPage,
    items: items.reverse(),
    toJson: (interruption) => interruptionJson(interruption, user, octopus.behaviour),
  });
}

function onOne(call: Call, answer: (call: Call, interruption: Interruption) => Reply): Reply {
  const id = call.parts[0] ?? '';
  const interruption = call.octopus.interruptions.find(
    (each) => each.id === id && each.task.run.spaceId === call.space.id,
  );
  if (interruption === undefined) return notFound(id);
  return may(call.user, 'InterruptionView', subjectOf(interruption.task.run))
    ? answer(call, interruption)
    : missingPermission('InterruptionView');
}

function one({ octopus, user }: Call, interruption: Interruption): Reply {
  return json(200, interruptionJson(interruption, user, octopus.behaviour));
}

function responsible(_call: Call, interruption: Interruption): Reply {
  return interruption.responsible === undefined ? noContent() : json(200, userJson(interruption.responsible));
}

function take({ octopus, user }: Call, interruption: Interruption): Reply {
  const { takeoverStatus, secondSubmitStatus } = octopus.behaviour;
  if (!isPending(interruption)) {
    return octopusError(secondSubmitStatus, 'The interruption is no longer pending.');
  }
  if (!canTakeResponsibility(interruption, user, octopus.behaviour)) {
    return missingPermission('InterruptionViewSubmitResponsible');
  }
  const holder = interruption.responsible;
  if (holder !== undefined && holder !== user && takeoverStatus !== 200) {
    return octopusError(
      takeoverStatus,
      `${holder.displayName} is already responsible for this interruption.`,
    );
  }
  interruption.responsible = user;
  return json(200, userJson(user));
}

const verdicts: readonly Verdict[] = ['Proceed', 'Abort'];

function submit({ octopus, user, space, body }: Call, interruption: Interruption): Reply {
  const { secondSubmitStatus, notResponsibleStatus, submitNeedsIds } = octopus.behaviour;
  const isGuided = interruption.type === 'GuidedFailure';
  const allowed: readonly (Verdict | Guidance)[] = isGuided ? interruption.guidance : verdicts;
  const name = isGuided ? 'Guidance' : 'Result';
  const given = allowed.find((value) => value === textIn(body, name));
  if (submitNeedsIds && (textIn(body, 'Id') !== interruption.id || textIn(body, 'SpaceId') !== space.id)) {
    return invalid('There was a problem with your request.', 'The Id and SpaceId fields are required.');
  }
  if (given === undefined) {
    return invalid('There was a problem with your request.', `${name} must be one of ${allowed.join(', ')}.`);
  }
  if (!isPending(interruption)) {
    return octopusError(secondSubmitStatus, 'The interruption has already been submitted.');
  }
  if (!canTakeResponsibility(interruption, user, octopus.behaviour)) {
    return missingPermission('InterruptionViewSubmitResponsible');
  }
  if (interruption.responsible !== user) {
    return octopusError(
      notResponsibleStatus,
      'You must take responsibility for this interruption before it can be submitted.',
    );
  }
  octopus.answerInterruption(interruption, given, user, textIn(body, 'Notes') ?? '');
  return json(200, interruptionJson(interruption, user, octopus.behaviour));
}
