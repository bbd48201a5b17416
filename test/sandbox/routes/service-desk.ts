import { type Call, numberIn, type Route, translated } from '../call.ts';
import { jsmError, json, type Reply } from '../exchange.ts';
import { fieldSchema } from '../field.ts';
import type { Project, RequestType } from '../project.ts';

/** Returns one page of a servicedeskapi list. */
export function listPage(call: Call, all: readonly unknown[]): Record<string, unknown> {
  const start = numberIn(call.query, 'start', 0);
  const most = call.site.behaviour.listPageLimit;
  const limit = Math.max(1, Math.min(numberIn(call.query, 'limit', most), most));
  const values = all.slice(start, start + limit);
  const isLastPage = start + limit >= all.length;
  const self = `${call.base}${call.path}`;
  const link = (from: number): string => `${self}?start=${from}&limit=${limit}`;
  return {
    _expands: [],
    size: values.length,
    start,
    limit,
    isLastPage,
    _links: {
      self: link(start),
      base: call.base,
      context: '',
      ...(isLastPage ? {} : { next: link(start + limit) }),
      ...(start > 0 ? { prev: link(Math.max(0, start - limit)) } : {}),
    },
    values,
  };
}

function deskJson(call: Call, project: Project): Record<string, unknown> {
  return {
    id: project.serviceDeskId,
    projectId: project.id,
    projectName: project.name,
    projectKey: project.key,
    ...(call.site.flavour === 'cloud' ? { projectTypeKey: 'service_desk' } : {}),
    _links: { self: `${call.base}/rest/servicedeskapi/servicedesk/${project.serviceDeskId}` },
  };
}

/** Finds a desk by its id or its project's key, or by one of these with a prefix. */
function findDesk(call: Call, text: string): Project | undefined {
  if (call.site.behaviour.deskIdsOnly) {
    return call.site.projects.find((one) => one.serviceDeskId === text);
  }
  const [prefix, value] = text.includes(':') ? text.split(':', 2) : ['', text];
  return call.site.projects.find((one) => {
    switch (prefix) {
      case 'projectKey':
        return one.key === value;
      case 'projectId':
        return one.id === value;
      case 'serviceDeskId':
        return one.serviceDeskId === value;
      case '':
        return one.serviceDeskId === value || one.key === value;
      default:
        return false;
    }
  });
}

function deskOfPath(call: Call): Project | undefined {
  return findDesk(call, decodeURIComponent(call.parts[0] ?? ''));
}

function missingDesk(): Reply {
  return jsmError(404, 'The Service Desk does not exist.', 'sd.servicedesk.error.not.found');
}

function typeJson(call: Call, project: Project, type: RequestType): Record<string, unknown> {
  const sizes = ['16x16', '24x24', '32x32', '48x48'];
  const cloud = call.site.flavour === 'cloud';
  return {
    _expands: [],
    id: type.id,
    _links: {
      self: `${call.base}/rest/servicedeskapi/servicedesk/${project.serviceDeskId}/requesttype/${type.id}`,
    },
    name: translated(call, type.name),
    description: type.description,
    helpText: '',
    issueTypeId: type.issueTypeId,
    serviceDeskId: project.serviceDeskId,
    portalId: project.serviceDeskId,
    groupIds: ['1'],
    icon: {
      id: '10501',
      _links: {
        iconUrls: Object.fromEntries(sizes.map((size) => [size, `${call.base}/icon.png?size=${size}`])),
      },
    },
    ...(cloud ? { canCreateRequest: call.site.behaviour.permissions.create, restrictionStatus: 'OPEN' } : {}),
  };
}

function listDesks(call: Call): Reply {
  return json(
    200,
    listPage(
      call,
      call.site.projects.map((project) => deskJson(call, project)),
    ),
  );
}

function readDesk(call: Call): Reply {
  const project = deskOfPath(call);
  return project === undefined ? missingDesk() : json(200, deskJson(call, project));
}

function listTypes(call: Call): Reply {
  const project = deskOfPath(call);
  if (project === undefined) {
    return missingDesk();
  }
  const wanted = call.query.get('searchQuery')?.toLowerCase();
  const types = project.requestTypes.filter(
    (one) =>
      wanted === undefined ||
      one.name.toLowerCase().includes(wanted) ||
      one.description.toLowerCase().includes(wanted),
  );
  return json(
    200,
    listPage(
      call,
      types.map((type) => typeJson(call, project, type)),
    ),
  );
}

function typeOfPath(call: Call, project: Project): RequestType | undefined {
  return project.requestTypes.find((one) => one.id === call.parts[1]);
}

function missingType(): Reply {
  return jsmError(404, 'The request type does not exist.', 'sd.requesttype.error.not.found');
}

function readType(call: Call): Reply {
  const project = deskOfPath(call);
  const type = project === undefined ? undefined : typeOfPath(call, project);
  return project === undefined || type === undefined
    ? missingType()
    : json(200, typeJson(call, project, type));
}

function listTypeFields(call: Call): Reply {
  const project = deskOfPath(call);
  const type = project === undefined ? undefined : typeOfPath(call, project);
  if (project === undefined) {
    return missingDesk();
  }
  if (type === undefined) {
    return missingType();
  }
  const cloud = call.site.flavour === 'cloud';
  const fields = call.site.form(type).map((one) => {
    const field = call.site.field(one.fieldId);
    return {
      fieldId: field.id,
      name: one.label ?? translated(call, field.name),
      description: '',
      required: one.required === true,
      ...(cloud ? { defaultValues: [], presetValues: one.presetValues ?? [], visible: true } : {}),
      validValues: (field.options ?? []).map((option) => ({
        value: option.id,
        label: option.value,
        children: [],
      })),
      jiraSchema: fieldSchema(field),
    };
  });
  return json(200, { requestTypeFields: fields, canRaiseOnBehalfOf: true, canAddRequestParticipants: true });
}

const desk = '^/rest/servicedeskapi/servicedesk';
const scope = 'read:servicedesk-request';
const common = { method: 'GET', scope, needsLogin: true } as const;

export const serviceDeskRoutes: readonly Route[] = [
  { ...common, pattern: new RegExp(`${desk}$`), answer: listDesks },
  { ...common, pattern: new RegExp(`${desk}/([^/]+)$`), answer: readDesk },
  { ...common, pattern: new RegExp(`${desk}/([^/]+)/requesttype$`), answer: listTypes },
  { ...common, pattern: new RegExp(`${desk}/([^/]+)/requesttype/([^/]+)$`), answer: readType },
  { ...common, pattern: new RegExp(`${desk}/([^/]+)/requesttype/([^/]+)/field$`), answer: listTypeFields },
];
