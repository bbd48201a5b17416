import type { Reply, SiteRequest } from '../../exchange.ts';
import { may } from '../account.ts';
import type { DeployingModel } from '../deploying-model.ts';
import { notLoggedIn } from '../error.ts';

const nothing: Reply = { status: 200, body: '', contentType: 'text/plain;charset=UTF-8' };

/**
 * Answers a webhook trigger of Octopus 2026.3. With the secret, the run has no creator; with an API key, it
 * belongs to the key's user, who needs the permission. Undefined if the request is not for a webhook.
 */
export function answerWebhook(
  octopus: DeployingModel,
  target: string,
  request: SiteRequest,
): Reply | undefined {
  const [, spaceId, id] = /^\/(Spaces-\d+)\/webhook\/([^/]+)$/.exec(target) ?? [];
  if (id === undefined || request.method !== 'POST') return undefined;
  const webhook = octopus.webhooks.find((each) => each.id === id && each.space.id === spaceId);
  if (webhook === undefined) return notLoggedIn();
  const { space, project, environment, runbook, secret, trigger } = webhook;
  const user = octopus.keys.get(request.headers['x-octopus-apikey'] ?? '');
  if (secret !== undefined && request.headers['x-octopus-webhook-secret'] === secret) {
    octopus.start({ space, project, environment, runbook, trigger });
    return nothing;
  }
  if (secret !== undefined || user === undefined) return notLoggedIn();
  const subject = { spaceId: space.id, project, environment };
  if (!may(user, 'RunbookRunCreate', subject)) return notLoggedIn();
  octopus.start({ space, project, environment, runbook, createdBy: user });
  return nothing;
}
