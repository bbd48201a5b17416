import type { SiteAnswer } from '../../test/sandbox/exchange.ts';
import type { Site } from '../../test/sandbox/site.ts';

const fields = 200;

/** 98 kB in this many fields, as a site with many apps returns them. */
const filling = Object.fromEntries(
  Array.from({ length: fields }, (_, index) => [`customfield_${20_000 + index}`, 'text '.repeat(93)]),
);

const names = Object.fromEntries(Object.keys(filling).map((id) => [id, `App ${id}`]));

/**
 * Makes the site answer every check of a change request with 100 kB from now on. A real site returns that
 * much only for the first check, which asks for all fields; later checks name the fields they need. A real
 * wait therefore gets less.
 *
 * @param onCheck receives the number of checks so far, before the last of them is answered
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
    // A field without a name would make the step treat the answer as shortened.
    ...(issue.names !== undefined && { names: { ...issue.names, ...names } }),
  });
}
