import type { SiteAnswer, SiteRequest } from '../../test/sandbox/exchange.ts';
import { button } from '../../test/sandbox/pages/change-page.ts';
import { type Markup, markup } from '../../test/sandbox/pages/markup.ts';
import { messageAnswer, pageAnswer, pageText, seeOther } from '../../test/sandbox/pages/page.ts';
import type { Pages } from '../../test/sandbox/pages/pages.ts';
import type { Site } from '../../test/sandbox/site.ts';
import { Deployment } from './deployment.ts';
import { logPart, outputsPart, summaryPart } from './task-parts.ts';

/** Path of the page with the deployment and its change request side by side. */
export const tryPath = '/try';

export const tryLink = markup`<a href="${tryPath}">The deployment</a>`;

/** The page with the current deployment; one deployment runs after the other. */
export class TryPages {
  readonly #site: Site;
  #current: Deployment;

  constructor(site: Site) {
    this.#site = site;
    this.#current = new Deployment(1, { site, url: site.baseUrl });
  }

  get deployment(): Deployment {
    return this.#current;
  }

  answer({ method, path }: SiteRequest, pages: Pages): SiteAnswer | undefined {
    if (path === tryPath && method === 'GET') return this.#page(pages);
    if (method !== 'POST') return undefined;
    switch (path) {
      case `${tryPath}/deploy`:
        if (this.#current.exitCode === undefined) {
          return messageAnswer(409, 'Not possible', 'The deployment is still running.', pages.nav());
        }
        this.#current = new Deployment(this.#current.number + 1, {
          site: this.#site,
          url: this.#site.baseUrl,
        });
        return seeOther(tryPath);
      case `${tryPath}/cancel`:
        this.#current.cancel();
        return seeOther(tryPath);
      default:
        return undefined;
    }
  }

  #page(pages: Pages): SiteAnswer {
    const { record } = this.#current;
    const body = markup`<main class="try">${deploymentPart(this.#current)}${statePart(this.#current, pages.isDown)}
<div><h2 class="side">In Jira Service Management</h2>${this.#changePart(pages)}</div>
<div class="octopus"><h2 class="side">In Octopus Deploy</h2>${summaryPart(record)}${logPart(this.#current)}${outputsPart(record)}</div></main>`;
    return pageAnswer(200, pageText({ title: 'Try the change gate', folder: pages.folder, body }));
  }

  #changePart(pages: Pages): Markup {
    const issue = this.#site.issues().at(-1);
    const parts =
      issue === undefined
        ? markup`<section><p>There is no change request yet.</p></section>`
        : pages.changeParts(issue);
    return markup`<div id="change" data-live="parts" data-of="${issue?.key}">${parts}</div>`;
  }
}

function deploymentPart({ number, exitCode }: Deployment): Markup {
  const act =
    exitCode === undefined
      ? button(`${tryPath}/cancel`, 'Cancel the deployment', {}, { id: 'deployment-act', kind: 'bad' })
      : button(`${tryPath}/deploy`, 'Deploy again', {}, { id: 'deployment-act', kind: 'good' });
  return markup`<section id="deployment" data-live aria-label="Deployment"><h1>Deploy Web Site 1.0.1 to Production (attempt ${number})</h1>
<p>You are the approver of its change request. The line below this box shows how the gate reacts to each click; the task log has the details.</p>${act}</section>`;
}

/** The state of the gate, which stays visible while the page scrolls. */
function statePart(deployment: Deployment, isDown: boolean): Markup {
  const summary = markup`<a class="narrow" href="#summary">Task Summary</a>`;
  return markup`<p id="state" role="status" data-live="words">${stateWords(deployment, isDown)} ${summary}</p>`;
}

function stateWords({ exitCode, record, rows }: Deployment, isDown: boolean): Markup {
  const { outputs } = record;
  const again = markup`<a href="#deployment-act">Deploy again</a>`;
  switch (exitCode) {
    case undefined: {
      const seen =
        rows.findLast(({ kind }) => kind === 'progress')?.text ??
        'It is looking for its change request, or raising one';
      const broken = isDown ? 'The site is down, and the gate keeps retrying. Its progress text: ' : '';
      return markup`<strong>The gate is holding the deployment.</strong> ${broken}${seen}.`;
    }
    case 0:
      return markup`<strong class="good">The gate allows the deployment</strong>: its next steps would run now. Decision ${outputs.get('Decision')}, exit code 0. ${again}`;
    default:
      return markup`<strong class="bad">The gate blocks the deployment.</strong> ${outputs.get('DecisionReason')} ${again}`;
  }
}
