import { CommentSchema, PageOfCommentsSchema } from 'jira.js/cloud';
import { type Auth, type Client, createClient, type SendRequestOptions } from 'jira.js/core';
import { defaultPersonalAccessToken, defaultToken, defaultUsername } from '../sandbox/defaults.ts';
import type { Sandbox } from '../sandbox/server.ts';

type Login = Exclude<Auth, { type: 'oauth2' }>;

/** jira.js with a login that the sandbox accepts. An answer that does not match its schemas is an error. */
export function jiraJs(
  { url, site }: Sandbox,
  { host = url, auth }: { host?: string; auth?: Login } = {},
): Client {
  const usual: Login =
    site.flavour === 'dc'
      ? // jira.js only accepts an email address as the user name of a basic login, which Data Center does not.
        { type: 'bearer', token: defaultPersonalAccessToken }
      : { type: 'basic', email: defaultUsername, apiToken: defaultToken };
  return createClient({ host, auth: auth ?? usual, onSchemaMismatch: 'throw' });
}

const TextCommentSchema = CommentSchema.extend({ body: CommentSchema.shape.renderedBody });
const PageOfTextCommentsSchema = PageOfCommentsSchema.extend({ comments: TextCommentSchema.array() });

/**
 * The same client with version 2 of the platform API, which the action uses and Data Center has. jira.js
 * itself uses version 3, which differs in rich text: version 2 has plain text.
 */
export function version2(client: Client): Client {
  return {
    sendRequest: <T>(options: SendRequestOptions<T>) =>
      client.sendRequest<T>({
        ...options,
        url: options.url.replace('/rest/api/3/', '/rest/api/2/'),
        ...(options.schema && { schema: schemaOfVersion2(options.schema) }),
      }),
  };
}

function schemaOfVersion2<Schema>(schema: Schema): Schema {
  const differing: readonly [unknown, unknown][] = [
    [CommentSchema, TextCommentSchema],
    [PageOfCommentsSchema, PageOfTextCommentsSchema],
  ];
  return (differing.find(([ofVersion3]) => ofVersion3 === schema)?.[1] ?? schema) as Schema;
}
