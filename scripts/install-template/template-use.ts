import { asArray, asObject, asText, type JsonObject } from '../../src/http/json.ts';
import type { InstalledTemplate } from './installed-template.ts';
import { type OctopusApi, OctopusApiError } from './octopus-api.ts';
import type { OwnTemplate } from './own-templates.ts';

/** A step that uses a template. */
export interface TemplateUse {
  readonly resource: JsonObject;
  /** Where the step is: project, runbook, branch, step. */
  readonly place: string;
  /** NaN if the server does not say; the step is then not updated. */
  readonly version: number;
  /** The release, if the step is only known from one: the process of a release cannot be changed. */
  readonly release: string | undefined;
}

type StepUpdate =
  /** With the new parameters that the server needed a value for. */
  { readonly kind: 'updated'; readonly empty: readonly string[] } | { readonly kind: 'left'; why: string };

export async function usesOf(
  api: OctopusApi,
  spaceId: string,
  { id }: InstalledTemplate,
): Promise<readonly TemplateUse[]> {
  const answer = asArray(await api.call('GET', `/api/${spaceId}/actiontemplates/${id}/usage`));
  if (answer === undefined)
    throw new OctopusApiError(`The server did not return a list of the steps that use ${id}.`);
  return answer.map((each) => useOf(asObject(each) ?? {}));
}

function useOf(resource: JsonObject): TemplateUse {
  const said = (name: string): string => asText(resource[name]) ?? '';
  const part = (label: string, name: string): string[] =>
    said(name) === '' ? [] : [`${label} ${said(name)}`];
  const branch = said('Branch');
  return {
    resource,
    place: [
      `project ${said('ProjectName')}`,
      ...part('runbook', 'RunbookName'),
      ...part('branch', 'Branch'),
      ...part('release', 'Release'),
      `step ${said('StepName')}`,
    ].join(', '),
    version: said('Version') === '' ? Number.NaN : Number(said('Version')),
    release: branch === '' && said('Release') !== '' ? said('Release') : undefined,
  };
}

/** Updates one step to the template's version. */
export async function updateStep(
  api: OctopusApi,
  spaceId: string,
  installed: InstalledTemplate,
  use: TemplateUse,
  own: OwnTemplate,
): Promise<StepUpdate> {
  const first = await askForUpdate(api, spaceId, installed, use, {});
  const missing = asArray(first['NamesOfNewParametersMissingDefaultValue']) ?? [];
  const isMissing = /^DefaultParam(?:e)?terValueMissing$/.test(asText(first['Outcome']) ?? '');
  if (!isMissing || missing.length === 0) return stepUpdate(first, []);
  // The server requires a value for each new parameter, even if it may stay empty.
  const empty = missing.flatMap((name) => asText(name) ?? []);
  const defaults = Object.fromEntries(empty.map((name) => [name, defaultOf(own, name)]));
  return stepUpdate(await askForUpdate(api, spaceId, installed, use, defaults), empty);
}

function defaultOf(own: OwnTemplate, name: string): JsonObject {
  const parameter = own.Parameters?.find(({ Name }) => Name === name);
  const control = asObject(parameter?.['DisplaySettings'])?.['Octopus.ControlType'];
  return { Value: asText(parameter?.['DefaultValue']) ?? '', IsSensitive: control === 'Sensitive' };
}

async function askForUpdate(
  api: OctopusApi,
  spaceId: string,
  { id, version }: InstalledTemplate,
  { resource, place }: TemplateUse,
  DefaultPropertyValues: JsonObject,
): Promise<JsonObject> {
  const { ProcessId, ProcessType, ActionId, ProjectId, Branch } = resource;
  const answer = await api.call('POST', `/api/${spaceId}/actiontemplates/${id}/actionsUpdate`, {
    Id: id,
    SpaceId: spaceId,
    Version: version,
    ActionsToUpdate: [
      {
        ProcessId,
        ProcessType,
        ActionIds: [ActionId],
        ProjectId,
        ...(typeof Branch === 'string' && { GitRef: Branch }),
      },
    ],
    DefaultPropertyValues,
    Overrides: {},
  });
  const result = asObject(asArray(answer)?.[0]);
  if (result === undefined) throw new OctopusApiError(`The server did not say whether it updated ${place}.`);
  return result;
}

function stepUpdate(result: JsonObject, empty: readonly string[]): StepUpdate {
  const outcome = asText(result['Outcome']) ?? 'no outcome';
  if (outcome === 'Success') return { kind: 'updated', empty };
  if (outcome === 'ManualMergeRequired') {
    const names = Object.keys(asObject(result['ManualMergeRequiredReasonsByPropertyName']) ?? {});
    return {
      kind: 'left',
      why: `it was changed in a way that a person has to merge (${outcome}${names.length > 0 ? `: ${names.join(', ')}` : ''}); update the step in Octopus`,
    };
  }
  if (outcome === 'RemovedPackageInUse') {
    return {
      kind: 'left',
      why: `it uses a package that the new version no longer has (${outcome}); update the step in Octopus`,
    };
  }
  return { kind: 'left', why: `the server reported ${outcome}; update the step in Octopus` };
}
