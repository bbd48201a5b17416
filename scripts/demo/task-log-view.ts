import type { Level, TaskLogEvent } from '../../test/black-box/task-log.ts';

/** Where lines are shown. */
interface Screen {
  write(text: string): void;
  readonly colours: boolean;
  /** Columns at which lines are wrapped; undefined: never. */
  readonly width: number | undefined;
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

/** The names and colours of Octopus' own task log. */
const levels: Readonly<Record<Level, { readonly name: string; readonly colour: Colour }>> = {
  default: { name: 'Info', colour: 'plain' },
  verbose: { name: 'Verbose', colour: 'grey' },
  highlight: { name: 'Highlight', colour: 'blue' },
  wait: { name: 'Wait', colour: 'cyan' },
  warning: { name: 'Warning', colour: 'yellow' },
  error: { name: 'Error', colour: 'red' },
};

const nameWidth = 10;

/** Shows what a step prints as the Octopus portal does, and keeps what the portal shows elsewhere. */
export class TaskLogView {
  readonly #screen: Screen;
  readonly #summary: string[] = [];
  readonly #outputs: [string, string][] = [];
  #result: string | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  show(event: TaskLogEvent): void {
    switch (event.kind) {
      case 'line': {
        const { name, colour } = levels[event.level];
        this.#row(name, event.text, colour);
        if (event.level === 'highlight') this.#summary.push(event.text);
        return;
      }
      case 'dropped':
        this.#row('Error', `Octopus can't read: ${event.text}`, 'red');
        return;
      case 'message': {
        const { name, attributes } = event.message;
        if (name === 'setVariable') this.#outputs.push([attributes['name'] ?? '', attributes['value'] ?? '']);
        if (name === 'resultMessage') this.#result = attributes['message'];
        if (name === 'progress') this.#row('Progress', attributes['message'] ?? '', 'green');
      }
    }
  }

  /** A line that is not the step's: what somebody does in JSM meanwhile. */
  tell(what: string): void {
    this.#row('JSM', what, 'magenta');
  }

  heading(text: string): void {
    this.#screen.write(`\n${this.#paint(text, 'bold')}\n`);
  }

  paragraph(text: string): void {
    for (const line of this.#wrapped(text, 0)) this.#screen.write(`${line}\n`);
  }

  /** What the portal shows as well as the log: the Task Summary, the output variables, the result. */
  showRest(): void {
    this.heading('Task Summary');
    for (const text of this.#summary) this.#item('- ', text, 'blue');
    this.heading('Output variables');
    const widest = Math.max(0, ...this.#outputs.map(([name]) => name.length));
    for (const [name, value] of this.#outputs) this.#item(`${name.padEnd(widest)}  `, value, 'plain');
    if (this.#result === undefined) return;
    this.heading('Result');
    this.#item('', this.#result, 'red');
  }

  listing(lines: readonly string[]): void {
    for (const line of lines) this.#item('', line, 'plain');
  }

  /** The last word: green if the deployment proceeds. */
  verdict(text: string, isGood: boolean): void {
    this.#screen.write(`\n${this.#paint(text, isGood ? 'green' : 'red')}\n`);
  }

  #row(name: string, text: string, colour: Colour): void {
    const time = new Date().toTimeString().slice(0, 8);
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

  /** A link is shown with its address behind it, since a terminal has nothing to click on. */
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
