import { attempt, Fault } from '../../domain/fault.ts';
import { foldName } from '../../domain/names.ts';
import { text } from '../../domain/text.ts';
import { asObject, asText, need } from '../../http/json.ts';
import { everyPage } from '../pages.ts';
import type { Session } from '../session/session.ts';

/** The path of the service desks. */
export const desks = '/rest/servicedeskapi/servicedesk';

/** The service project and request type with which change requests are raised. */
export interface RequestPlace {
  readonly serviceProject: string;
  /** Name or id. */
  readonly requestType: string;
}

interface RequestType {
  readonly id: string;
  readonly name: string;
  /** The type of the issues that it creates. */
  readonly issueTypeId: string | undefined;
}

/** Finds the id of a project's service desk. A project that answers under another key was renamed (L9). */
export async function findServiceDesk(session: Session, projectKey: string): Promise<string> {
  const desk = await attempt(() =>
    session.call({
      path: `${desks}/projectKey:${encodeURIComponent(projectKey)}`,
      parse: (json) => ({
        id: need(asText(asObject(json)?.['id']), 'id of the service desk'),
        projectKey: asText(asObject(json)?.['projectKey']),
      }),
    }),
  );
  if (desk instanceof Fault) {
    if (!['missing', 'rejected', 'wrong-url'].includes(desk.kind)) throw desk;
    return listedServiceDesk(session, projectKey);
  }
  if (desk.projectKey === undefined || foldName(desk.projectKey) === foldName(projectKey)) return desk.id;
  throw new Fault(
    'configuration',
    text`The service project ${projectKey} now has the key ${desk.projectKey}.`,
    text`Set Service project (JsmChange.ServiceProject) to ${desk.projectKey}.`,
  );
}

async function listedServiceDesk(session: Session, projectKey: string): Promise<string> {
  const listed = await everyPage(session, desks, {
    parse: (json) => [{ id: asText(asObject(json)?.['id']), key: asText(asObject(json)?.['projectKey']) }],
  });
  const found = listed.find(({ key }) => foldName(key ?? '') === foldName(projectKey));
  if (found?.id !== undefined) return found.id;
  const keys = listed.flatMap(({ key }) => key ?? []);
  throw new Fault(
    'configuration',
    text`There is no service project ${projectKey}, or the step's account may not see it.`,
    text`Set Service project (JsmChange.ServiceProject) to the key of a service project, or give the account access. Visible projects: ${keys.join(', ') || 'none'}.`,
  );
}

/** C5: finds the one request type with this name or id. */
export async function findRequestType(
  session: Session,
  serviceDeskId: string,
  { serviceProject, requestType }: RequestPlace,
): Promise<RequestType> {
  // Read the whole list, because a search would omit request types that the portal hides.
  const types = await everyPage(session, `${desks}/${encodeURIComponent(serviceDeskId)}/requesttype`, {
    parse: (json) => {
      const id = asText(asObject(json)?.['id']);
      const name = asText(asObject(json)?.['name']);
      const issueTypeId = asText(asObject(json)?.['issueTypeId']);
      return id === undefined || name === undefined ? [] : [{ id, name, issueTypeId }];
    },
  });
  const wanted = foldName(requestType);
  const named = types.filter((type) => foldName(type.name) === wanted);
  const found = named.length > 0 ? named : types.filter((type) => type.id === requestType.trim());
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const list = types.map(({ id, name }) => `${name} (${id})`).join(', ') || 'none';
  throw new Fault(
    'configuration',
    found.length > 1
      ? text`The service project ${serviceProject} has ${found.length} request types named "${requestType}".`
      : text`The service project ${serviceProject} has no request type "${requestType}".`,
    text`Set Request type (JsmChange.RequestType) to the name or id of one of these: ${list}.`,
  );
}
