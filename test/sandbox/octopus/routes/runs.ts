import { json, type Reply } from '../../exchange.ts';
import { holds, may, type Permission } from '../account.ts';
import { type Call, type Route, textIn, textsIn, valueIn } from '../call.ts';
import { invalid, missingPermission, notFound, octopusError } from '../error.ts';
import type { RunOptions } from '../model.ts';
import { isChosen, page } from '../page.ts';
import { type Run, runJson, runName, subjectOf } from '../run.ts';

/** Deployments and runbook runs. */
export const runRoutes: readonly Route[] = [
  { method: 'GET', pattern: /^\/(deployments|runbookRuns)$/, answer: list },
  { method: 'GET', pattern: /^\/(deployments|runbookRuns)\/([^/]+)$/, answer: one },
  { method: 'POST', pattern: /^\/deployments\/create\/untenanted\/v1$/, answer: deployUntenanted },
  { method: 'POST', pattern: /^\/deployments\/create\/tenanted\/v1$/, answer: deployTenanted },
  { method: 'POST', pattern: /^\/runbook-runs\/create\/v1$/, answer: runRunbook },
];

function isRunbook({ parts }: Call): boolean {
  return parts[0] === 'runbookRuns';
}

function viewing(call: Call): Permission {
  return isRunbook(call) ? 'RunbookRunView' : 'DeploymentView';
}

function list(call: Call): Reply {
  const { octopus, user, space, query } = call;
  if (!holds(user, viewing(call), space.id)) return missingPermission(viewing(call));
  const part = (query.get('partialName') ?? '').toLowerCase();
  const stateOf = (run: Run): string | undefined => octopus.tasks.find(({ id }) => id === run.taskId)?.state;
  const items = octopus.runs.filter(
    (run) =>
      run.spaceId === space.id &&
      (run.runbook !== undefined) === isRunbook(call) &&
      isChosen(query, 'ids', run.id) &&
      isChosen(query, 'projects', run.project.id) &&
      isChosen(query, 'environments', run.environment.id) &&
      isChosen(query, 'tenants', run.tenant?.id) &&
      isChosen(query, 'runbooks', run.runbook?.id) &&
      isChosen(query, 'taskState', stateOf(run)) &&
      runName(run).toLowerCase().includes(part) &&
      may(user, viewing(call), subjectOf(run)),
  );
  return page({
    query,
    path: `/api/${space.id}/${call.parts[0]}`,
    itemType: isRunbook(call) ? 'RunbookRun' : 'Deployment',
    longestPage: octopus.behaviour.longestPage,
    items: items.reverse(),
    toJson: runJson,
  });
}

function one(call: Call): Reply {
  const { octopus, user, space } = call;
  const id = call.parts[1] ?? '';
  const run = octopus.runs.find((each) => each.id === id && each.spaceId === space.id);
  if (run === undefined) return notFound(id);
  return may(user, viewing(call), subjectOf(run))
    ? json(200, runJson(run))
    : missingPermission(viewing(call));
}

function deployUntenanted(call: Call): Reply {
  return create(call, textsIn(call.body, 'EnvironmentNames'), []);
}

function deployTenanted(call: Call): Reply {
  return create(call, [textIn(call.body, 'EnvironmentName') ?? ''], textsIn(call.body, 'Tenants'));
}

function runRunbook(call: Call): Reply {
  const runbook = textIn(call.body, 'RunbookName') ?? '';
  return create(call, textsIn(call.body, 'EnvironmentNames'), textsIn(call.body, 'Tenants'), runbook);
}

/** Starts a run for each environment and tenant. */
function create(
  call: Call,
  environments: readonly string[],
  tenants: readonly string[],
  runbook?: string,
): Reply {
  const { octopus, user, space, body } = call;
  const project = textIn(body, 'ProjectName') ?? '';
  // The API reference requires the space here too, although the path names it.
  const spaceNamed = textIn(body, 'spaceIdOrName');
  const permission = runbook === undefined ? 'DeploymentCreate' : 'RunbookRunCreate';
  if (spaceNamed !== space.id && spaceNamed !== space.name)
    return invalid('The space is missing or another one.');
  if (octopus.processOf({ space, project, ...(runbook !== undefined && { runbook }) }) === undefined) {
    return octopusError(
      404,
      `There is no process for ${runbook ?? 'deployments'} in the project '${project}'.`,
    );
  }
  const wanted = environments.flatMap((environment) =>
    (tenants.length === 0 ? [undefined] : tenants).map((tenant) => ({ environment, tenant })),
  );
  if (wanted.length === 0) return invalid('At least one environment is needed.');
  if (!wanted.every((subject) => may(user, permission, { spaceId: space.id, project, ...subject }))) {
    return missingPermission(permission);
  }
  const runs = wanted.map(({ environment, tenant }): Run => {
    const options: RunOptions = {
      space,
      project,
      environment,
      ...(tenant !== undefined && { tenant }),
      ...(runbook === undefined ? { release: textIn(body, 'ReleaseVersion') ?? '' } : { runbook }),
      createdBy: user,
      comments: textIn(body, 'Comments') ?? '',
      usesGuidedFailure: valueIn(body, 'UseGuidedFailure') === true,
    };
    return octopus.start(options).run;
  });
  return json(
    201,
    runbook === undefined
      ? { DeploymentServerTasks: runs.map(({ id, taskId }) => ({ DeploymentId: id, ServerTaskId: taskId })) }
      : { RunbookRunServerTasks: runs.map(({ id, taskId }) => ({ RunbookRunId: id, ServerTaskId: taskId })) },
  );
}
