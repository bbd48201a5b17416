import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { atlassianFolder } from '../atlassian.ts';
import type { Flavour } from './account.ts';
import { isObject, type SiteAnswer, type SiteRequest } from './exchange.ts';

/** Atlassian's OpenAPI documents, by which requests and answers are checked if the documents are present. */
const folder = atlassianFolder('jira-openapi');

/** Whether the documents are present; without them nothing can be checked. */
export const hasOpenApi = folder !== undefined;

type Json = Record<string, unknown>;

const files = {
  v2: 'jira-cloud-platform-v2.json',
  v3: 'jira-cloud-platform-v3.json',
  jsm: 'jsm-cloud.json',
  dc: 'jira-dc-10.3.json',
} as const;

type DocumentName = keyof typeof files;

interface Operation {
  /** The operation's location in its document, as a JSON pointer. */
  pointer: string;
  parameters: readonly Json[];
  definition: Json;
}

interface ApiDocument {
  content: Json;
  paths: { pattern: RegExp; template: string }[];
  /** As published, for requests: a member that the document does not name is an error. */
  strict: Ajv;
  /** Open to further members, for answers: real answers have more members than the documents name. */
  relaxed: Ajv;
}

const documents = new Map<DocumentName, ApiDocument>();

function member(value: unknown, ...path: string[]): unknown {
  let current = value;
  for (const step of path) {
    current = isObject(current) ? current[step] : undefined;
  }
  return current;
}

/** Mistakes in the documents: the path of each mistake, and its correction. */
const corrections: Record<
  DocumentName,
  readonly { path: readonly string[]; correct: (value: unknown) => unknown }[]
> = {
  v2: [
    // Typed as an object, but is a string.
    {
      path: ['components', 'schemas', 'ServerInformation', 'properties', 'serverTimeZone'],
      correct: () => ({}),
    },
  ],
  v3: [],
  jsm: [],
  dc: [
    // Values of fields and properties are typed as objects or strings, but can be anything.
    {
      path: ['components', 'schemas', 'IssueBean', 'properties', 'fields'],
      correct: () => ({ type: 'object' }),
    },
    {
      path: ['components', 'schemas', 'IssueUpdateBean', 'properties', 'fields'],
      correct: () => ({ type: 'object' }),
    },
    { path: ['components', 'schemas', 'EntityPropertyBean', 'properties', 'value'], correct: () => ({}) },
    // Typed as one field, but is a list of fields.
    {
      path: ['paths', '/api/2/field', 'get', 'responses', '200', 'content', 'application/json', 'schema'],
      correct: (schema) => ({ type: 'array', items: schema }),
    },
    // Typed as one issue type, but is a list of issue types.
    {
      path: [
        'paths',
        '/api/2/project/{projectIdOrKey}/statuses',
        'get',
        'responses',
        '200',
        'content',
        'application/json',
        'schema',
      ],
      correct: (schema) => ({ type: 'array', items: schema }),
    },
  ],
};

function corrected(name: DocumentName, content: Json): Json {
  for (const { path, correct } of corrections[name]) {
    const parent = member(content, ...path.slice(0, -1));
    const last = path.at(-1) ?? '';
    if (!isObject(parent) || parent[last] === undefined) {
      throw new Error(`${files[name]} has nothing at ${path.join(' ')}: update its corrections`);
    }
    parent[last] = correct(parent[last]);
  }
  return content;
}

/** Returns a copy that Ajv can compile; with `relax`, its objects may have further members. */
function prepared(value: unknown, relax: boolean): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => prepared(item, relax));
  }
  if (!isObject(value)) {
    return value;
  }
  const copy: Json = {};
  for (const [key, item] of Object.entries(value)) {
    const isClosed = key === 'additionalProperties' && item === false;
    // Examples are not schemas.
    if (!(relax && isClosed) && key !== 'example' && key !== 'examples') {
      copy[key] = prepared(item, relax);
    }
  }
  if (copy['nullable'] === true && copy['type'] === undefined) {
    delete copy['nullable'];
  }
  return copy;
}

function createValidator(content: Json, relax: boolean): Ajv {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, validateSchema: false });
  ajv.addSchema({ ...(prepared(content, relax) as Json), $id: 'document' });
  return ajv;
}

function load(name: DocumentName): ApiDocument {
  const known = documents.get(name);
  if (known !== undefined) {
    return known;
  }
  if (folder === undefined) {
    throw new Error('The OpenAPI documents are not here');
  }
  const read: unknown = JSON.parse(readFileSync(`${folder}${files[name]}`, 'utf8'));
  if (!isObject(read)) {
    throw new Error(`${files[name]} is not an OpenAPI document`);
  }
  const content = corrected(name, read);
  const templates = Object.keys(isObject(content['paths']) ? content['paths'] : {});
  const document: ApiDocument = {
    content,
    // Paths without parameters come before paths with parameters.
    paths: templates
      .sort((left, right) => left.split('{').length - right.split('{').length)
      .map((template) => ({ template, pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`) })),
    strict: createValidator(content, false),
    relaxed: createValidator(content, true),
  };
  documents.set(name, document);
  return document;
}

interface Target {
  document: DocumentName;
  path: string;
  query: URLSearchParams;
}

/** Returns the document that describes a request, and the path in it, without context path and gateway. */
function targetOf(request: Pick<SiteRequest, 'path'>, flavour: Flavour): Target | undefined {
  const url = new URL(request.path, 'http://site');
  const from = url.pathname.indexOf('/rest/');
  if (from < 0) {
    return undefined;
  }
  const path = url.pathname.slice(from);
  const query = url.searchParams;
  if (path.startsWith('/rest/servicedeskapi/')) {
    return { document: 'jsm', path, query };
  }
  if (flavour === 'dc') {
    return { document: 'dc', path: path.replace(/^\/rest/, ''), query };
  }
  // The copy of version 2 is older than the new search, which is the same in both versions.
  if (/^\/rest\/api\/[23]\/search\/jql$/.test(path)) {
    return { document: 'v3', path: '/rest/api/3/search/jql', query };
  }
  return { document: path.startsWith('/rest/api/3/') ? 'v3' : 'v2', path, query };
}

function pointerPart(text: string): string {
  return encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function operationOf(name: DocumentName, method: string, path: string): Operation | undefined {
  const document = load(name);
  const template = document.paths.find((one) => one.pattern.test(path))?.template;
  if (template === undefined) {
    return undefined;
  }
  const item = member(document.content, 'paths', template);
  const definition = member(item, method.toLowerCase());
  if (!isObject(definition)) {
    return undefined;
  }
  const shared = member(item, 'parameters');
  const own = definition['parameters'];
  const parameters = [...(Array.isArray(shared) ? shared : []), ...(Array.isArray(own) ? own : [])].filter(
    isObject,
  );
  return { pointer: `/paths/${pointerPart(template)}/${method.toLowerCase()}`, parameters, definition };
}

const compiled = new WeakMap<Ajv, Map<string, ValidateFunction>>();

/** Returns what is wrong with a value, by the schema at a place in the document. */
function complaints(ajv: Ajv, pointer: string, value: unknown): string[] {
  const known = compiled.get(ajv) ?? new Map<string, ValidateFunction>();
  compiled.set(ajv, known);
  let validate = known.get(pointer);
  if (validate === undefined) {
    validate = ajv.compile({ $ref: `document#${pointer}` });
    known.set(pointer, validate);
  }
  return validate(value)
    ? []
    : (validate.errors ?? []).map(
        (error) => `${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`,
      );
}

/** Parameters that a document does not name although the site accepts or ignores them. */
const furtherParameters: readonly { path: RegExp; names: readonly string[] }[] = [
  // Version 3 has it; the copy of version 2 is older, and Data Center ignores unknown parameters.
  { path: /\/issue\/[^/]+$/, names: ['failFast'] },
  // Cloud requires it; Data Center ignores it and lists every permission.
  { path: /\/mypermissions$/, names: ['permissions'] },
  // The description names the parameter, but Data Center's list of parameters does not.
  { path: /\/transitions$/, names: ['expand'] },
];

function coerced(text: string, given: unknown): unknown {
  const reference = member(given, '$ref');
  const type = member(given, 'type');
  if (type === 'object' || typeof reference === 'string') {
    // Data Center's lists of field names are typed as objects, but are strings in an address.
    return {};
  }
  if (type === 'integer' || type === 'number') {
    return text.trim() === '' ? text : Number(text);
  }
  if (type === 'boolean') {
    return text === 'true' ? true : text === 'false' ? false : text;
  }
  return text;
}

function checkQuery(target: Target, operation: Operation): string[] {
  const { strict } = load(target.document);
  const problems: string[] = [];
  const further = furtherParameters.filter((one) => one.path.test(target.path)).flatMap((one) => one.names);
  const listed = operation.parameters.filter((one) => one['in'] === 'query');
  for (const name of new Set(target.query.keys())) {
    const index = operation.parameters.findIndex((one) => one['in'] === 'query' && one['name'] === name);
    const schema = operation.parameters[index]?.['schema'];
    if (index < 0) {
      problems.push(...(further.includes(name) ? [] : [`query parameter ${name} is not documented`]));
      continue;
    }
    const values = target.query.getAll(name);
    const isList = member(schema, 'type') === 'array';
    const value = isList
      ? values.flatMap((one) => one.split(',')).map((one) => coerced(one, member(schema, 'items')))
      : coerced(values.at(-1) ?? '', schema);
    const validate = compileParameter(strict, isObject(schema) ? schema : {});
    if (!validate(value)) {
      problems.push(`query parameter ${name} ${strict.errorsText(validate.errors)}`);
    }
  }
  for (const parameter of listed) {
    if (parameter['required'] === true && !target.query.has(String(parameter['name']))) {
      problems.push(`query parameter ${String(parameter['name'])} is missing`);
    }
  }
  return problems;
}

const compiledParameters = new WeakMap<Json, ValidateFunction>();

function compileParameter(ajv: Ajv, schema: Json): ValidateFunction {
  let validate = compiledParameters.get(schema);
  if (validate === undefined) {
    const text = JSON.stringify(prepared(schema, false));
    validate = ajv.compile(JSON.parse(text.replaceAll('"$ref":"#', '"$ref":"document#')) as Json);
    compiledParameters.set(schema, validate);
  }
  return validate;
}

function checkBody(target: Target, operation: Operation, body: string | undefined): string[] {
  const definition = operation.definition['requestBody'];
  if (definition === undefined) {
    return body === undefined || body === '' ? [] : ['a body is sent that is not documented'];
  }
  if (body === undefined || body === '') {
    return member(definition, 'required') === true ? ['the body is missing'] : [];
  }
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return ['the body is not JSON'];
  }
  const schema = member(definition, 'content', 'application/json', 'schema');
  const pointer = `${operation.pointer}/requestBody/content/application~1json/schema`;
  return schema === undefined
    ? []
    : complaints(load(target.document).strict, pointer, value).map((one) => `body ${one}`);
}

/**
 * Lists what in a request contradicts Atlassian's documents, one sentence each. A path outside `/rest`
 * (`/_edge/tenant_info`) is not in any document and passes.
 */
export function checkRequest(
  request: Pick<SiteRequest, 'method' | 'path' | 'body'> & { headers?: Record<string, string> },
  flavour: Flavour = 'cloud',
): string[] {
  const target = targetOf(request, flavour);
  if (target === undefined) {
    return [];
  }
  const title = `${request.method} ${target.path}`;
  const operation = operationOf(target.document, request.method, target.path);
  if (operation === undefined) {
    return [`${title}: is in no document`];
  }
  const problems = [...checkQuery(target, operation), ...checkBody(target, operation, request.body)];
  const type = request.headers?.['content-type'];
  if (request.body !== undefined && type !== undefined && !type.startsWith('application/json')) {
    problems.push(`content type ${type} is not documented`);
  }
  return problems.map((one) => `${title}: ${one}`);
}

/**
 * Lists what in an answer contradicts Atlassian's documents, one sentence each. An error status that a
 * document does not list (429, a proxy's 502) passes; a success status does not.
 */
export function checkAnswer(
  request: Pick<SiteRequest, 'method' | 'path'>,
  answer: SiteAnswer,
  flavour: Flavour = 'cloud',
): string[] {
  const target = targetOf(request, flavour);
  if (target === undefined || answer.status === 0) {
    return [];
  }
  const title = `${request.method} ${target.path} -> ${answer.status}`;
  const operation = operationOf(target.document, request.method, target.path);
  if (operation === undefined) {
    return answer.status < 300 ? [`${title}: is in no document`] : [];
  }
  const response = member(operation.definition, 'responses', String(answer.status));
  if (response === undefined) {
    return answer.status < 300 ? [`${title}: the status is not documented`] : [];
  }
  const hasNothingToSay = answer.status === 204 && answer.body === '';
  if (hasNothingToSay || member(response, 'content', 'application/json', 'schema') === undefined) {
    return [];
  }
  if (answer.headers['content-type']?.startsWith('application/json') !== true) {
    return answer.status < 300 ? [`${title}: is not JSON`] : [];
  }
  const pointer = `${operation.pointer}/responses/${answer.status}/content/application~1json/schema`;
  const value: unknown = JSON.parse(answer.body);
  return complaints(load(target.document).relaxed, pointer, value).map((one) => `${title}: ${one}`);
}
