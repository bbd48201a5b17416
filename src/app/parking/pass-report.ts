import { faultWords } from '../../domain/fault.ts';
import { link, type Text, text } from '../../domain/text.ts';
import type { Answered } from './answering.ts';
import type { ParkedRun, Place } from './parked-run.ts';
import { type PassContext, runLink } from './pass-context.ts';
import type { Answer } from './ports.ts';

/** R6: logs one line for each parked run, and how many there were of each kind. */
export class PassReport {
  readonly #context: PassContext;
  #resumed = 0;
  #aborted = 0;
  #waiting = 0;
  #byOthers = 0;
  #notAnswerable = 0;
  #unreadable = 0;

  constructor(context: PassContext) {
    this.#context = context;
  }

  /** R3 */
  leftAlone(place: Exclude<Place, { kind: 'parked' }>, taskId: string): void {
    const { log } = this.#context;
    const run = runLink(this.#context, place.runId, taskId);
    if (place.kind === 'not-answerable') {
      this.#notAnswerable += 1;
      log.warning(text`${run}: ${place.why}`);
      return;
    }
    log.info(
      text`${run}: left alone; ${place.browseUrl} is not in an allowed project of a configured JSM site.`,
    );
  }

  waits(run: ParkedRun, why: Text): void {
    this.#waiting += 1;
    this.#say(run, text`waits for ${why}.`);
  }

  answered(run: ParkedRun, answer: Answer, answered: Answered, why: Text): void {
    switch (answered.kind) {
      case 'done':
        if (answer === 'Proceed') this.#resumed += 1;
        else this.#aborted += 1;
        this.#say(run, answer === 'Proceed' ? text`continues. ${why}` : text`aborted. ${why}`);
        break;
      case 'by-others':
        this.#byOthers += 1;
        this.#say(run, text`was answered by somebody else in the meantime.`);
        break;
      case 'outdated':
        this.#waiting += 1;
        this.#say(run, text`left to the next pass: its change request has to be checked again.`);
        break;
      case 'left':
        this.unanswered(run, text`could not be answered: ${answered.why}`);
        break;
      case 'octopus-lost':
        this.unanswered(run, text`could not be answered: ${faultWords(answered.fault)}`);
        break;
    }
  }

  unanswered(run: ParkedRun, why: Text): void {
    this.#notAnswerable += 1;
    this.#warn(run, why);
  }

  unreadable(run: ParkedRun, why: Text): void {
    this.#unreadable += 1;
    this.#warn(run, why);
  }

  sum(): void {
    this.#context.log.highlight(
      text`Resume: ${this.#resumed} continued, ${this.#aborted} aborted, ${this.#waiting} still waiting, ${this.#byOthers} answered by others, ${this.#notAnswerable} not answerable, ${this.#unreadable} could not be read.`,
    );
  }

  #say(run: ParkedRun, what: Text): void {
    this.#context.log.info(text`${this.#subject(run)}: ${what}`);
  }

  #warn(run: ParkedRun, what: Text): void {
    this.#context.log.warning(text`${this.#subject(run)}: ${what}`);
  }

  #subject({ runId, interruption, key, site }: ParkedRun): Text {
    const run = runLink(this.#context, runId, interruption.taskId);
    return text`${run}, ${link(key, site.serviceDesk.browseUrl(key))}`;
  }
}
