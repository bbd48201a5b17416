import type { ConnectionProbe } from '../app/connection-test/ports.ts';
import { text } from '../domain/text.ts';
import { asArray, asObject, asText, need } from '../http/json.ts';
import { parseStatus, plannedNames } from './issue.ts';
import { findRequestType, findServiceDesk, type RequestPlace } from './request/service-project.ts';
import type { Session } from './session/session.ts';
import { siteFields } from './site-fields.ts';
import { myself, serverInfo } from './site-info.ts';
import { raisedJql, search } from './title-search.ts';

const mostRaised = 5;

/** Creates the probe with which `Test` examines the JSM site, over its REST API. */
export function createConnectionProbe(session: Session, where: RequestPlace): ConnectionProbe {
  return {
    serverInfo: () => session.call({ ...serverInfo, isPublic: true }),
    account: () => session.call(myself),
    serviceDeskId: () => findServiceDesk(session, where.serviceProject),
    requestType: (serviceDeskId) => findRequestType(session, serviceDeskId, where),
    fields: async (wanted) => {
      const defaults = plannedNames({ start: undefined, end: undefined, set: [] });
      const fields = await siteFields(session, [...wanted, ...defaults]);
      return fields.map(({ id, name, schema: { type } }) => ({ id, name, type }));
    },
    statuses: () =>
      session.call({
        path: `/rest/api/2/project/${encodeURIComponent(where.serviceProject)}/statuses`,
        advice: text`Give the step's account the Browse projects permission in ${where.serviceProject}.`,
        parse: (json) =>
          need(asArray(json), 'list of issue types').flatMap((type) =>
            need(asArray(asObject(type)?.['statuses']), 'statuses').map((status) => ({
              ...parseStatus(status),
              issueTypeId: asText(asObject(type)?.['id']),
            })),
          ),
      }),
    raised: (issueTypeId) => search(session, raisedJql(where.serviceProject, issueTypeId), mostRaised),
    permissions: (keys) =>
      session.call({
        path: `/rest/api/2/mypermissions?${new URLSearchParams({ projectKey: where.serviceProject, permissions: keys.join(',') })}`,
        advice: text`Give the step's account access to the service project ${where.serviceProject}.`,
        parse: (json) => {
          const permissions = need(asObject(asObject(json)?.['permissions']), 'permissions');
          return new Map(
            keys.flatMap((key) => {
              const right = asObject(permissions[key])?.['havePermission'];
              return typeof right === 'boolean' ? [[key, right] as const] : [];
            }),
          );
        },
      }),
  };
}
