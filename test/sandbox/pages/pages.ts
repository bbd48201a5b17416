import type { SiteAnswer, SiteRequest } from '../exchange.ts';
import type { Issue } from '../issue.ts';
import type { Site } from '../site.ts';
import { ActError, acts } from './acts.ts';
import { changeParts, outagePart } from './change-page.ts';
import { refusalOf } from './guard.ts';
import { listPart } from './list-page.ts';
import { type Markup, markup, type Part } from './markup.ts';
import { Outage } from './outage.ts';
import { messageAnswer, pageAnswer, pageText, scriptAnswer, scriptName, seeOther } from './page.ts';

/** Further pages of the same site. */
interface MorePages {
  /** The link to the further pages, on each of these pages. */
  readonly link: Markup;
  /** Undefined if the address is not one of the further pages. */
  answer(request: SiteRequest, pages: Pages): SiteAnswer | undefined;
}

/**
 * The pages for people: the change requests at the root, each of them at `/browse/KEY`, with what its
 * approvers can do. The pages need no login, are not recorded, and work while the site is broken.
 */
export class Pages {
  readonly #site: Site;
  readonly #outage: Outage;
  readonly #more: MorePages | undefined;

  constructor(site: Site, more?: MorePages) {
    this.#site = site;
    this.#outage = new Outage(site);
    this.#more = more;
  }

  /** The path of the folder of the pages. */
  get folder(): string {
    return `${this.#site.contextPath}/browse`;
  }

  /** Undefined if the address is not that of a page. */
  answer(request: SiteRequest): SiteAnswer | undefined {
    const path = request.path.replace(/\?.*$/s, '');
    const root = `${this.#site.contextPath}/`;
    const isOurs = path === root || path === '/' || path.startsWith(`${this.folder}/`);
    const refusal = refusalOf(request);
    if (refusal === undefined) {
      const answer = this.#more?.answer(request, this);
      if (answer !== undefined) return answer;
    }
    if (!isOurs) return undefined;
    if (refusal !== undefined) return messageAnswer(403, 'Refused', refusal);
    if (path === root) return this.#list();
    if (path === '/') return seeOther(root);
    if (path === `${this.folder}/${scriptName}`) return scriptAnswer();
    const [name = '', act] = path.slice(this.folder.length + 1).split('/');
    return request.method === 'POST' ? this.#act(request, name, act) : this.#change(name, act);
  }

  /** Whether the site currently answers the step's requests with an error. */
  get isDown(): boolean {
    return this.#outage.endsMs !== undefined;
  }

  /** Returns the parts of a page about this change request. */
  changeParts(issue: Issue): Part {
    return changeParts(this.#site, issue, this.#outage, this.folder);
  }

  /** Returns the links to other pages; with `others`, including the list. */
  nav(others = true): Markup | undefined {
    const list = others ? markup`<a href="${this.#site.contextPath}/">All change requests</a>` : undefined;
    const links = [this.#more?.link, list].filter((link) => link !== undefined);
    return links.length === 0 ? undefined : markup`<nav>${links}</nav>`;
  }

  #list(): SiteAnswer {
    const body = markup`${this.nav(false)}<main>${listPart(this.#site, this.folder)}${outagePart(this.#outage, this.folder)}</main>`;
    return pageAnswer(200, pageText({ title: 'Change requests', folder: this.folder, body }));
  }

  #change(key: string, act: string | undefined): SiteAnswer {
    const issue = act === undefined ? this.#find(key) : undefined;
    if (issue === undefined)
      return messageAnswer(404, 'Not found', 'There is no such page or change request.', this.nav());
    if (issue.key !== key) return seeOther(`${this.folder}/${issue.key}`);
    const body = markup`${this.nav()}
<main class="change">${this.changeParts(issue)}</main>`;
    return pageAnswer(200, pageText({ title: `${issue.key} (stand-in)`, folder: this.folder, body }));
  }

  #act(request: SiteRequest, name: string, act: string | undefined): SiteAnswer {
    const form = new URLSearchParams(request.body ?? '');
    if (name === 'outage' && act === undefined) {
      if (form.get('what') === 'end') this.#outage.end();
      else this.#outage.begin();
      return seeOther(pageBefore(request) ?? `${this.#site.contextPath}/`);
    }
    const issue = this.#find(name);
    const carryOut = act !== undefined && Object.hasOwn(acts, act) ? acts[act] : undefined;
    if (issue === undefined || carryOut === undefined) {
      return messageAnswer(404, 'Not found', 'There is no such change request or form.', this.nav());
    }
    try {
      carryOut(this.#site, issue, form);
    } catch (error) {
      if (error instanceof ActError) return messageAnswer(409, 'Not possible', error.message, this.nav());
      throw error;
    }
    return seeOther(pageBefore(request) ?? `${this.folder}/${issue.key}`);
  }

  #find(key: string): Issue | undefined {
    this.#site.catchUp();
    return this.#site.find(key);
  }
}

/** Returns the path of the page that contained the form. */
function pageBefore({ headers }: SiteRequest): string | undefined {
  const referer = headers['referer'] ?? '';
  if (!URL.canParse(referer)) return undefined;
  const before = new URL(referer);
  return before.host === headers['host'] ? before.pathname : undefined;
}
