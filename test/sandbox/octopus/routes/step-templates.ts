import { isObject, json, type Reply } from '../../exchange.ts';
import { holds, type Permission } from '../account.ts';
import { type Call, type Route, textIn, valueIn } from '../call.ts';
import { invalid, missingPermission, notFound, octopusError } from '../error.ts';
import { page } from '../page.ts';
import { latest, type StepTemplate, type TemplateUsage, type TemplateVersion } from '../template-store.ts';

export const stepTemplateRoutes: readonly Route[] = [
  { method: 'GET', pattern: /^\/actiontemplates$/, answer: list },
  { method: 'GET', pattern: /^\/actiontemplates\/all$/, answer: all },
  { method: 'POST', pattern: /^\/actiontemplates$/, answer: create },
  {
    method: 'GET',
    pattern: /^\/actiontemplates\/([^/]+)$/,
    answer: (call) => onOne(call, 'ActionTemplateView', one),
  },
  {
    method: 'PUT',
    pattern: /^\/actiontemplates\/([^/]+)$/,
    answer: (call) => onOne(call, 'ActionTemplateEdit', change),
  },
  {
    method: 'GET',
    pattern: /^\/actiontemplates\/([^/]+)\/versions\/(\d+)$/,
    answer: (call) => onOne(call, 'ActionTemplateView', version),
  },
  {
    method: 'POST',
    pattern: /^\/actiontemplates\/([^/]+)\/logo$/,
    takesAnyBody: true,
    answer: (call) => onOne(call, 'ActionTemplateEdit', setLogo),
  },
  {
    method: 'GET',
    pattern: /^\/actiontemplates\/([^/]+)\/usage$/,
    answer: (call) => onOne(call, 'ActionTemplateView', usage),
  },
  {
    method: 'POST',
    pattern: /^\/actiontemplates\/([^/]+)\/actionsUpdate$/,
    answer: (call) => onOne(call, 'ProcessEdit', updateActions),
  },
];

function templatesOf({ octopus, space }: Call): readonly StepTemplate[] {
  return octopus.stepTemplates.templates.filter((template) => template.space === space);
}

function list(call: Call): Reply {
  const { octopus, user, space, query } = call;
  if (!holds(user, 'ActionTemplateView', space.id)) return missingPermission('ActionTemplateView');
  const part = (query.get('partialName') ?? '').toLowerCase();
  return page({
    query,
    path: `/api/${space.id}/actiontemplates`,
    itemType: 'ActionTemplate',
    longestPage: octopus.behaviour.longestPage,
    items: templatesOf(call).filter((template) => latest(template).name.toLowerCase().includes(part)),
    toJson: (template) => templateJson(template, latest(template)),
  });
}

function all(call: Call): Reply {
  if (!holds(call.user, 'ActionTemplateView', call.space.id)) return missingPermission('ActionTemplateView');
  return json(
    200,
    templatesOf(call).map((template) => templateJson(template, latest(template))),
  );
}

function templateJson(
  { id, space }: StepTemplate,
  { version, resource }: TemplateVersion,
): Record<string, unknown> {
  const self = `/api/${space.id}/actiontemplates/${id}`;
  return {
    Description: null,
    Properties: {},
    Parameters: [],
    Packages: [],
    GitDependencies: [],
    CommunityActionTemplateId: null,
    ...resource,
    Id: id,
    SpaceId: space.id,
    Version: version,
    Links: {
      Self: self,
      Usage: `${self}/usage`,
      ActionsUpdate: `${self}/actionsUpdate`,
      Logo: `${self}/logo`,
      Versions: `${self}/versions{/version}`,
    },
  };
}

/** Returns an error if a template that was sent is invalid. */
function problemOf({ space, body }: Call, others: readonly StepTemplate[]): Reply | undefined {
  const missing = ['Name', 'ActionType', 'SpaceId'].filter((name) => (textIn(body, name) ?? '') === '');
  if (missing.length > 0) {
    return invalid(
      'There was a problem with your request.',
      ...missing.map((name) => `${name} is required.`),
    );
  }
  if (textIn(body, 'SpaceId') !== space.id) return invalid('The SpaceId is that of another space.');
  const name = textIn(body, 'Name') ?? '';
  return others.some((other) => latest(other).name.toLowerCase() === name.toLowerCase())
    ? invalid('There was a problem with your request.', `A step template named '${name}' exists already.`)
    : undefined;
}

function create(call: Call): Reply {
  const { octopus, user, space, body } = call;
  if (!holds(user, 'ActionTemplateCreate', space.id)) return missingPermission('ActionTemplateCreate');
  const problem = problemOf(call, templatesOf(call));
  if (problem !== undefined) return problem;
  const template = octopus.stepTemplates.add(space, body);
  return json(201, templateJson(template, latest(template)));
}

function onOne(
  call: Call,
  permission: Permission,
  answer: (call: Call, template: StepTemplate) => Reply,
): Reply {
  if (!holds(call.user, permission, call.space.id)) return missingPermission(permission);
  const id = call.parts[0] ?? '';
  const template = templatesOf(call).find((each) => each.id === id);
  return template === undefined ? notFound(id) : answer(call, template);
}

function one(_call: Call, template: StepTemplate): Reply {
  return json(200, templateJson(template, latest(template)));
}

function version({ parts }: Call, template: StepTemplate): Reply {
  const wanted = template.versions[Number(parts[1])];
  return wanted === undefined
    ? notFound(`${template.id} version ${parts[1]}`)
    : json(200, templateJson(template, wanted));
}

function change(call: Call, template: StepTemplate): Reply {
  const { octopus, body } = call;
  const problem = problemOf(
    call,
    templatesOf(call).filter((other) => other !== template),
  );
  if (problem !== undefined) return problem;
  if (octopus.behaviour.refusesStaleVersions && valueIn(body, 'Version') !== latest(template).version) {
    return octopusError(409, 'The step template was changed by somebody else.');
  }
  octopus.stepTemplates.change(template, body);
  return json(200, templateJson(template, latest(template)));
}

function setLogo({ content }: Call, template: StepTemplate): Reply {
  template.logo = content;
  return json(200, {});
}

function processType({ runbook }: TemplateUsage): 'Deployment' | 'Runbook' {
  return runbook === undefined ? 'Deployment' : 'Runbook';
}

/** Returns all usages: this list is not paged. */
function usage({ octopus, query }: Call, template: StepTemplate): Reply {
  const wanted = (name: string, value: string | undefined): boolean =>
    !query.has(name) || query.get(name) === value;
  const usages = octopus.stepTemplates.usages.filter(
    (each) =>
      each.template === template &&
      wanted('process', processType(each)) &&
      wanted('project', each.project.id) &&
      wanted('branch', each.branch),
  );
  return json(200, usages.map(usageJson));
}

function usageJson(each: TemplateUsage): Record<string, unknown> {
  const { template, project, runbook, processId, stepName, actionId } = each;
  return {
    Id: actionId,
    ActionTemplateId: template.id,
    ProcessType: processType(each),
    ProcessId: processId,
    DeploymentProcessId: runbook === undefined ? processId : null,
    RunbookId: runbook?.id ?? null,
    RunbookName: runbook?.name ?? null,
    ActionId: actionId,
    ActionName: stepName,
    StepId: `${actionId}-step`,
    StepName: stepName,
    ProjectId: project.id,
    ProjectName: project.name,
    ProjectSlug: project.name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    Version: String(each.version),
    Branch: each.branch ?? null,
    Release: null,
    Links: {},
  };
}

function updateActions(call: Call, template: StepTemplate): Reply {
  const { octopus, body } = call;
  const target = template.versions[Number(valueIn(body, 'Version'))];
  if (target === undefined) return invalid('The step template has no such version.');
  const asked = valueIn(body, 'ActionsToUpdate');
  if (!Array.isArray(asked)) return invalid('ActionsToUpdate is required.');
  const results: unknown[] = [];
  for (const entry of asked.filter(isObject)) {
    const ids = Array.isArray(entry['ActionIds']) ? entry['ActionIds'] : [];
    for (const id of ids) {
      const found = octopus.stepTemplates.usages.find(
        (each) =>
          each.template === template &&
          each.actionId === id &&
          each.processId === entry['ProcessId'] &&
          processType(each) === entry['ProcessType'] &&
          (each.branch === undefined || each.branch === entry['GitRef']),
      );
      if (found === undefined) return notFound(String(id));
      results.push(
        updateUsage(found, target, values(body, 'DefaultPropertyValues'), values(body, 'Overrides')),
      );
    }
  }
  return json(200, results);
}

function values(body: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const given = valueIn(body, name);
  return isObject(given) ? given : {};
}

/** Updates one step to another version, unless it needs a value or a person's choice first. */
function updateUsage(
  each: TemplateUsage,
  target: TemplateVersion,
  defaults: Readonly<Record<string, unknown>>,
  overrides: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const known = each.template.versions[each.version]?.parameters.map(({ Name }) => Name) ?? [];
  const added = target.parameters.filter(({ Name }) => !known.includes(Name));
  const missing = added
    .filter(({ Name, DefaultValue }) => !(Name in defaults) && (DefaultValue ?? '') === '')
    .map(({ Name }) => Name);
  const conflicts = Object.entries(each.conflicts).filter(([name]) => !(name in overrides));
  const outcome =
    missing.length > 0
      ? // Octopus' own spelling.
        'DefaultParamterValueMissing'
      : conflicts.length > 0
        ? 'ManualMergeRequired'
        : 'Success';
  if (outcome === 'Success') {
    each.version = target.version;
    for (const { Name, DefaultValue } of added) each.values[Name] = defaults[Name] ?? DefaultValue;
    Object.assign(each.values, overrides);
  }
  return {
    Id: each.actionId,
    Outcome: outcome,
    NamesOfNewParametersMissingDefaultValue: missing,
    ManualMergeRequiredReasonsByPropertyName: Object.fromEntries(conflicts),
    RemovedPackageUsages: [],
    Links: {},
  };
}
