import type { SiteAnswer } from '../../test/sandbox/exchange.ts';
import type { Site } from '../../test/sandbox/site.ts';

const fields = 200;

/** 98 kB in so many fields, as a site with many apps sends them. */
const filling = Object.fromEntries(
  Array.from({ length: fields }, (_, index) => [`customfield_${20_000 + index}`, 'text '.repeat(93)]),
);

const names = Object.fromEntries(Object.keys(filling).map((id) => [id, `App ${id}`]));

/**
 * From now on every look at a change request is answered with 100 kB. A real site sends so much at the first check
 * only, which asks for all fields; the later ones name theirs. So this is more than a real wait gets.
 *
 * @param onLook gets how many checks there were, before the answer to the last of them is sent
 */
export function answerLargely(site: Site, onCheck: (checks: number) => void): void {
  const answer = site.answer.bind(site);
  let checks = 0;
  site.answer = (request) => {
    const answered = answer(request);
    if (request.method !== 'GET' || !request.path.includes('failFast')) return answered;
    checks += 1;
    onCheck(checks);
    return { ...answered, body: filled(answered) };
  };
}

function filled({ body }: SiteAnswer): string {
  const issue: { readonly fields?: object; readonly names?: object } = JSON.parse(body);
  return JSON.stringify({
    ...issue,
    fields: { ...issue.fields, ...filling },
    // A field without a name would make the answer one that was shortened.
    ...(issue.names !== undefined && { names: { ...issue.names, ...names } }),
  });
}
