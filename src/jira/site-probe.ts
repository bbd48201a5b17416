import type { ConnectionProbe } from '../app/connection-test/ports.ts';
import { text } from '../domain/text.ts';
import { parseStatus } from './issue.ts';
import { asArray, asObject, asText, need } from './json.ts';
import { findRequestType, findServiceDesk } from './request/request-form.ts';
import type { Session } from './session/session.ts';

/** The questions of `Test` over the REST API. */
export function createConnectionProbe(
  session: Session,
  where: { readonly serviceProject: string; readonly requestType: string },
): ConnectionProbe {
  return {
    serverInfo: () =>
      session.call({
        method: 'GET',
        path: '/rest/api/2/serverInfo',
        anonymous: true,
        parse: (json, { serverTime }) => {
          const info = need(asObject(json), 'server information');
          const version = asText(info['version']) ?? '';
          const told = Date.parse(asText(info['serverTime']) ?? '');
          return {
            kind: info['deploymentType'] === 'Cloud' ? 'cloud' : 'data-center',
            version,
            serverTime: serverTime ?? (Number.isNaN(told) ? undefined : new Date(told)),
          };
        },
      }),
    account: () =>
      session.call({
        method: 'GET',
        path: '/rest/api/2/myself',
        parse: (json) => {
          const account = need(asObject(json), 'account');
          const name =
            asText(account['displayName']) ?? asText(account['name']) ?? asText(account['accountId']);
          return { name: need(name, 'name of the account'), timeZone: asText(account['timeZone']) };
        },
      }),
    serviceDeskId: () => findServiceDesk(session, where.serviceProject),
    requestType: (serviceDeskId) => findRequestType(session, serviceDeskId, where),
    fields: () =>
      session.call({
        method: 'GET',
        path: '/rest/api/2/field',
        parse: (json) =>
          need(asArray(json), 'list of fields').flatMap((value) => {
            const field = asObject(value);
            const id = asText(field?.['id']);
            const name = asText(field?.['untranslatedName']) ?? asText(field?.['name']);
            const type = asText(asObject(field?.['schema'])?.['type']) ?? '';
            return id === undefined ? [] : [{ id, name: name ?? id, type }];
          }),
      }),
    statuses: () =>
      session.call({
        method: 'GET',
        path: `/rest/api/2/project/${encodeURIComponent(where.serviceProject)}/statuses`,
        advice: text`Give the step's account the permission Browse projects in ${where.serviceProject}.`,
        parse: (json) =>
          need(asArray(json), 'list of issue types').flatMap((type) =>
            need(asArray(asObject(type)?.['statuses']), 'statuses').map(parseStatus),
          ),
      }),
    permissions: (keys) =>
      session.call({
        method: 'GET',
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
