import {
  type AnnouncedEvent,
  type Announcement,
  announcedBy,
  announcementText,
} from '../domain/announcement.ts';
import { Fault } from '../domain/fault.ts';
import { text } from '../domain/text.ts';
import { changeRequestLink } from './endings.ts';
import type { Comments } from './ports.ts';
import type { RunContext } from './run-context.ts';

/**
 * V3: tells the customers of a change request what the run does, each event once, on any number of reruns.
 * Its comments are read once; what fails here is a warning.
 */
export class CustomerComments {
  readonly #context: RunContext;
  readonly #comments = new Map<string, Comments>();
  readonly #said = new Set<string>();

  constructor(context: RunContext) {
    this.#context = context;
  }

  /** @returns true when something was written */
  async announce(key: string, announcement: Announcement): Promise<boolean> {
    const { settings, log } = this.#context;
    const id = `${key} ${announcement.event}`;
    if (!settings.customerComments || this.#said.has(id)) return false;
    this.#said.add(id);
    try {
      if ((await this.saidAt(key, announcement.event)) !== undefined) return false;
      await this.#write(key, announcementText(announcement, settings.deployment, settings.run));
      return true;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      log.warning(
        text`The comment on ${changeRequestLink(this.#context, key)} could not be written: ${error.summary}`,
      );
      return false;
    }
  }

  /** When an event was announced for this run; undefined when it was not. */
  async saidAt(key: string, event: AnnouncedEvent): Promise<Date | 'at an unknown time' | undefined> {
    const { list } = await this.#read(key);
    const found = list.find((comment) => announcedBy(comment.body, this.#context.settings.run) === event);
    return found === undefined ? undefined : (found.created ?? 'at an unknown time');
  }

  async #read(key: string): Promise<Comments> {
    const known = this.#comments.get(key);
    if (known !== undefined) return known;
    const comments = await this.#context.serviceDesk.comments(key, this.#context.signal);
    this.#comments.set(key, comments);
    return comments;
  }

  async #write(key: string, body: string): Promise<void> {
    const { serviceDesk, signal } = this.#context;
    const { isCustomerRequest } = await this.#read(key);
    if (isCustomerRequest) await serviceDesk.addComment(key, body, 'customers', signal);
    else await serviceDesk.addIssueComment(key, body, signal);
  }
}
