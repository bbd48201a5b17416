import type { TaskLogEvent } from '../../test/black-box/task-log.ts';
import { type TaskLogRow, TaskRecord } from './task-record.ts';

/** Where lines are shown. */
export interface Screen {
  write(text: string): void;
  readonly colours: boolean;
  /** The column at which lines are wrapped; undefined for no wrapping. */
  readonly width: number | undefined;
  /** The time of a line; the time of day by default. */
  readonly time?: () => string;
}

type Colour = 'plain' | 'bold' | 'grey' | 'blue' | 'cyan' | 'green' | 'yellow' | 'red' | 'magenta';

const codes: Readonly<Record<Colour, string>> = {
  plain: '',
  bold: '1',
  grey: '90',
  blue: '1;94',
  cyan: '36',
  green: '32',
  yellow: '33',
  red: '31',
  magenta: '35',
};

/** The colours of Octopus' own task log. */
const rowColours: Readonly<Record<TaskLogRow['kind'], Colour>> = {
  default: 'plain',
  verbose: 'grey',
  highlight: 'blue',
  wait: 'cyan',
  warning: 'yellow',
  error: 'red',
  progress: 'green',
  unreadable: 'red',
};

const nameWidth = 10;

/**
 * Shows the output of a step the way the Octopus portal does, and then the information that the portal shows
 * elsewhere.
 */
export class TaskLogView {
  readonly #screen: Screen;
  readonly #record = new TaskRecord();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(event: TaskLogEvent): void {
    const row = this.#record.add(event);
    if (row !== undefined) this.#row(row.name, row.text, rowColours[row.kind]);
  }

  /** Shows a line that does not come from the step: what somebody does in JSM at that moment. */
  tell(what: string): void {
    this.#row('JSM', what, 'magenta');
  }

  heading(text: string): void {
    this.#screen.write(`\n${this.#paint(text, 'bold')}\n`);
  }

  paragraph(text: string): void {
    for (const line of this.#wrapped(text, 0)) this.#screen.write(`${line}\n`);
  }

  /** Shows what the portal shows besides the log: the Task Summary, the output variables, the result. */
  showRest(): void {
    const { summary, outputs, result } = this.#record;
    this.heading('Task Summary');
    for (const text of summary) this.#item('- ', text, 'blue');
    this.heading('Output variables');
    const widest = Math.max(0, ...[...outputs.keys()].map((name) => name.length));
    for (const [name, value] of outputs) this.#item(`${name.padEnd(widest)}  `, value, 'plain');
    if (result === undefined) return;
    this.heading('Result');
    this.#item('', result, 'red');
  }

  listing(lines: readonly string[]): void {
    for (const line of lines) this.#item('', line, 'plain');
  }

  /** Prints the last line, in green if the deployment proceeds. */
  verdict(text: string, isGood: boolean): void {
    this.#screen.write(`\n${this.#paint(text, isGood ? 'green' : 'red')}\n`);
  }

  #row(name: string, text: string, colour: Colour): void {
    const time = this.#screen.time?.() ?? new Date().toTimeString().slice(0, 8);
    const lead = `${time}  ${name.padEnd(nameWidth)}| `;
    this.#wrapped(text, lead.length).forEach((line, index) => {
      const start = index === 0 ? lead : `${' '.repeat(lead.length - 2)}| `;
      this.#screen.write(`${this.#paint(start, 'grey')}${this.#paint(line, colour)}\n`);
    });
  }

  #item(lead: string, text: string, colour: Colour): void {
    const indented = `  ${lead}`;
    this.#wrapped(text, indented.length).forEach((line, index) => {
      const start = index === 0 ? indented : ' '.repeat(indented.length);
      this.#screen.write(`${start}${this.#paint(line, colour)}\n`);
    });
  }

  #paint(text: string, colour: Colour): string {
    return this.#screen.colours && colour !== 'plain' ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
  }

  /** Shows the address of a link after it, because nothing can be clicked in a terminal. */
  #wrapped(text: string, indent: number): string[] {
    const shown = text.replace(/\[([^\]]*)\]\(([^)]*)\)/g, '$1 <$2>');
    const width = (this.#screen.width ?? Number.POSITIVE_INFINITY) - indent;
    const lines: string[] = [];
    let line = '';
    for (const word of shown.trimEnd().split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && longer.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = longer;
      }
    }
    return [...lines, line];
  }
}
