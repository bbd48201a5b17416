import { asNumber, asObject, asText, type JsonObject } from '../../src/http/json.ts';
import { type TemplateFile, templateDifferences } from '../template-differences.ts';
import { type OctopusApi, OctopusApiError } from './octopus-api.ts';
import type { OwnTemplate } from './own-templates.ts';

/** A template in a space, as the server returned it. */
export interface InstalledTemplate {
  readonly id: string;
  readonly version: number;
  readonly resource: JsonObject;
}

/** Finds a template by name: every space assigns its own ids, so the id in the file is of no use. */
export async function findTemplate(
  api: OctopusApi,
  spaceId: string,
  name: string,
): Promise<InstalledTemplate | undefined> {
  const path = `/api/${spaceId}/actiontemplates?partialName=${encodeURIComponent(name)}`;
  const found = (await api.list(path)).find(
    (resource) => asText(resource['Name'])?.toLowerCase() === name.toLowerCase(),
  );
  return found === undefined ? undefined : installed(found);
}

export async function addTemplate(
  api: OctopusApi,
  spaceId: string,
  own: OwnTemplate,
): Promise<InstalledTemplate> {
  return installed(
    await api.call('POST', `/api/${spaceId}/actiontemplates`, { ...content(own), SpaceId: spaceId }),
  );
}

/** Creates the next version. Properties that the server added are sent back unchanged. */
export async function updateTemplate(
  api: OctopusApi,
  spaceId: string,
  { id, resource }: InstalledTemplate,
  own: OwnTemplate,
): Promise<InstalledTemplate> {
  const changed = { ...resource, ...content(own), SpaceId: spaceId };
  return installed(await api.call('PUT', `/api/${spaceId}/actiontemplates/${id}`, changed));
}

/** The properties that we define; the server assigns the id, version, editor and community id. */
function content(own: TemplateFile): JsonObject {
  const names = [
    'Name',
    'Description',
    'ActionType',
    'Properties',
    'Parameters',
    'Packages',
    'GitDependencies',
  ];
  return Object.fromEntries(Object.entries(own).filter(([name]) => names.includes(name)));
}

function installed(json: unknown): InstalledTemplate {
  const resource = asObject(json) ?? {};
  const [id, version] = [asText(resource['Id']), asNumber(resource['Version'])];
  if (id === undefined || version === undefined) {
    throw new OctopusApiError('The server returned a step template without an id or a version.');
  }
  return { id, version, resource };
}

/** Returns true if an update would not change anything. */
export function isCurrent({ resource }: InstalledTemplate, own: OwnTemplate): boolean {
  const description = (value: unknown): string => (asText(value) ?? '').replaceAll('\r\n', '\n').trim();
  return (
    description(resource['Description']) === description(own.Description) &&
    resource['Name'] === own.Name &&
    templateDifferences(comparable(resource), comparable(own)).length === 0
  );
}

/**
 * Returns what we define of a template, without differences in how a server may store it: an empty default, line
 * endings, the order of display settings.
 */
function comparable(template: TemplateFile): TemplateFile {
  return {
    ...content(template),
    Parameters: (template.Parameters ?? []).map((parameter) => ({
      Name: parameter.Name,
      Label: parameter['Label'],
      HelpText: unixText(parameter['HelpText']),
      DefaultValue: unixText(parameter['DefaultValue']),
      DisplaySettings: Object.entries(asObject(parameter['DisplaySettings']) ?? {})
        .map(([name, value]) => [name, unixText(value)])
        .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    })),
  };
}

/**
 * Returns a value as text; empty if there is none, or if the value is an object, which stands for a secret
 * that is not set.
 */
function unixText(value: unknown): string {
  return (asText(value) ?? '').replaceAll('\r\n', '\n');
}
