import { json, plain, type Reply } from '../../exchange.ts';
import { holds, may } from '../account.ts';
import type { Call, Route } from '../call.ts';
import { missingPermission, notFound } from '../error.ts';
import { isChosen, page, time } from '../page.ts';
import { subjectOf } from '../run.ts';
import { hasEnded, type LogLine, type Task, taskJson } from '../task.ts';

export const taskRoutes: readonly Route[] = [
  { method: 'GET', pattern: /^\/tasks$/, answer: list },
  { method: 'GET', pattern: /^\/tasks\/([^/]+)$/, answer: (call) => onOne(call, one) },
  { method: 'GET', pattern: /^\/tasks\/([^/]+)\/details$/, answer: (call) => onOne(call, details) },
  { method: 'GET', pattern: /^\/tasks\/([^/]+)\/raw$/, answer: (call) => onOne(call, raw) },
  {
    method: 'GET',
    pattern: /^\/tasks\/([^/]+)\/queued-behind$/,
    answer: (call) => onOne(call, queuedBehind),
  },
  { method: 'POST', pattern: /^\/tasks\/([^/]+)\/cancel$/, answer: (call) => onOne(call, cancel) },
];

function list(call: Call): Reply {
  const { octopus, user, space, query } = call;
  if (!holds(user, 'TaskView', space.id)) return missingPermission('TaskView');
  const flag = (name: string): boolean | undefined => {
    const text = query.get(name)?.toLowerCase();
    return text === 'true' ? true : text === 'false' ? false : undefined;
  };
  const pending = flag('hasPendingInterruptions');
  const items = octopus.tasks.filter(
    (task) =>
      task.run.spaceId === space.id &&
      isChosen(query, 'ids', task.id) &&
      isChosen(query, 'states', task.state) &&
      isChosen(query, 'name', task.run.runbook === undefined ? 'Deploy' : 'RunbookRun') &&
      isChosen(query, 'project', task.run.project.id) &&
      isChosen(query, 'environment', task.run.environment.id) &&
      isChosen(query, 'tenant', task.run.tenant?.id) &&
      (pending === undefined || pending === task.interruptions.length > 0) &&
      (flag('active') !== true || !hasEnded(task)) &&
      may(user, 'TaskView', subjectOf(task.run)),
  );
  return tasks(call, 'tasks', items.reverse());
}

function tasks({ octopus, space, query }: Call, path: string, items: readonly Task[]): Reply {
  const { longestPage } = octopus.behaviour;
  return page({
    query,
    path: `/api/${space.id}/${path}`,
    itemType: 'Task',
    longestPage,
    items,
    toJson: taskJson,
  });
}

function onOne(call: Call, answer: (call: Call, task: Task) => Reply): Reply {
  const id = call.parts[0] ?? '';
  const task = call.octopus.tasks.find((each) => each.id === id);
  if (task === undefined) return notFound(id);
  return may(call.user, 'TaskView', subjectOf(task.run)) ? answer(call, task) : missingPermission('TaskView');
}

function one(_call: Call, task: Task): Reply {
  return json(200, taskJson(task));
}

const categories: Readonly<Record<LogLine['level'], string>> = {
  default: 'Info',
  verbose: 'Verbose',
  highlight: 'Highlight',
  wait: 'Wait',
  warning: 'Warning',
  error: 'Error',
};

function details(_call: Call, task: Task): Reply {
  return json(200, {
    Task: taskJson(task),
    Progress: { ProgressPercentage: hasEnded(task) ? 100 : 0, EstimatedTimeRemaining: '' },
    PhysicalLogSize: rawLog(task).length,
    ActivityLogs: [...task.steps].map(([step, status], place) => ({
      Id: `${task.id}/${place}`,
      Name: step,
      Status: status,
      Children: [],
      ShowAtSummaryLevel: true,
      LogElements: task.log
        .filter((line) => line.step === step)
        .map(({ level, text, atMs }) => ({
          Category: categories[level],
          OccurredAt: time(atMs),
          MessageText: text,
        })),
    })),
  });
}

function rawLog(task: Task): string {
  const lines = task.log.map(({ level, text, step }) => `${categories[level].padEnd(9)} | ${step}: ${text}`);
  return lines.join('\r\n');
}

function raw(_call: Call, task: Task): Reply {
  return plain(200, rawLog(task));
}

function queuedBehind(call: Call, task: Task): Reply {
  return tasks(call, `tasks/${task.id}/queued-behind`, call.octopus.queue.before(task));
}

function cancel({ octopus, user }: Call, task: Task): Reply {
  if (!may(user, 'TaskCancel', subjectOf(task.run))) return missingPermission('TaskCancel');
  octopus.cancel(task);
  return json(200, taskJson(task));
}
