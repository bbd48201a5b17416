import {
  type AnnouncedEvent,
  type Announcement,
  announcedBy,
  announcementText,
} from '../domain/deployment/announcement.ts';
import { attempt, Fault, faultWords } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { changeRequestLink } from './outcomes.ts';
import type { Comments } from './ports.ts';
import type { RunContext } from './run-context.ts';

type OwnAnnouncement = Omit<Announcement, 'lastedMs' | 'recordDigest'>;

/**
 * V3: writes a comment on the change request for each event of the run, once per event however often the run
 * is repeated. The existing comments of a change request are read once; a failure is only a warning.
 */
export class CustomerComments {
  readonly #context: RunContext;
  readonly #comments = new Map<string, Comments>();
  readonly #said = new Set<string>();

  constructor(context: RunContext) {
    this.#context = context;
  }

  /** @returns true if a comment was written or may have been */
  async announce(key: string, announcement: OwnAnnouncement): Promise<boolean> {
    const { settings, log } = this.#context;
    const id = `${key} ${announcement.event}`;
    if (settings.customerComments === 'none' || this.#said.has(id)) return false;
    this.#said.add(id);
    let isSent = false;
    const done = await attempt(async () => {
      const comments = await this.#read(key);
      if (this.#find(comments, announcement.event) !== undefined) return;
      const lastedMs = this.#lastedMs(comments, announcement);
      const startsNow = announcement.event === 'deployment-starts';
      const recordDigest = startsNow ? await this.#context.sealRecord() : undefined;
      const body = announcementText(
        { ...announcement, lastedMs, recordDigest },
        settings.deployment,
        settings.run,
      );
      isSent = true;
      await this.#write(key, body, comments);
    });
    if (done instanceof Fault) {
      log.warning(
        text`The comment on ${changeRequestLink(this.#context, key)} could not be written: ${faultWords(done)}`,
      );
    }
    return isSent;
  }

  async #read(key: string): Promise<Comments> {
    const known = this.#comments.get(key);
    if (known !== undefined) return known;
    const comments = await this.#context.serviceDesk.comments(key);
    this.#comments.set(key, comments);
    return comments;
  }

  /** Returns the comment that announced the event for this run, if there is one. */
  #find({ list }: Comments, event: AnnouncedEvent): Comments['list'][number] | undefined {
    return list.find((comment) => announcedBy(comment.body, this.#context.settings.run) === event);
  }

  /** Returns how long the run took, from the comment that announced its start to its end. */
  #lastedMs(comments: Comments, { event, at }: OwnAnnouncement): number | undefined {
    if (event !== 'deployment-ends' || at === undefined) return undefined;
    const startedAt = this.#find(comments, 'deployment-starts')?.created;
    return startedAt === undefined ? undefined : at.getTime() - startedAt.getTime();
  }

  async #write(key: string, body: string, { isCustomerRequest }: Comments): Promise<void> {
    const { serviceDesk, settings, log } = this.#context;
    const audience = settings.customerComments === 'internal' ? 'agents' : 'customers';
    const where = changeRequestLink(this.#context, key);
    const isInternal = audience === 'agents';
    if (isCustomerRequest) {
      await serviceDesk.addComment(key, body, audience);
      log.verbose(text`Added ${isInternal ? 'an internal' : 'a public'} comment to ${where}.`);
    } else {
      await serviceDesk.addIssueComment(key, body, audience);
      const kind = isInternal ? 'an ordinary comment (marked as internal)' : 'an ordinary comment';
      log.info(
        text`Added ${kind} to ${where}, because JSM does not show it as a customer request: anyone who can see the issue can read it.`,
      );
    }
  }
}
