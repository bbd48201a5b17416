import type { SiteRequest } from '../exchange.ts';

const loopbackHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/**
 * Returns why a request to the pages is refused, or undefined. The pages need no login, so a page of another
 * site that is open in the same browser must not be able to use them: neither through its own host name for
 * this machine, nor with its own form.
 */
export function refusalOf({ method, headers }: SiteRequest): string | undefined {
  const host = headers['host'] ?? '';
  if (!loopbackHost.test(host))
    return 'These pages are only served under a name of this machine, such as localhost.';
  if (method === 'GET' || method === 'HEAD') return undefined;
  if (method !== 'POST') return 'These pages only know GET and POST.';
  const origin = headers['origin'] ?? '';
  if (origin !== `http://${host}` && origin !== `https://${host}`)
    return 'This form was sent from another site.';
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  return isForm ? undefined : 'Only a form can be sent here.';
}
