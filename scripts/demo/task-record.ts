import type { Level, TaskLogEvent } from '../../test/black-box/task-log.ts';

/** One line of the task log, as the portal shows it. */
export interface TaskLogRow {
  readonly kind: Level | 'progress' | 'unreadable';
  /** The name of this kind of line in the portal. */
  readonly name: string;
  readonly text: string;
}

/** The names that Octopus' own task log uses. */
const levelNames: Readonly<Record<Level, string>> = {
  default: 'Info',
  verbose: 'Verbose',
  highlight: 'Highlight',
  wait: 'Wait',
  warning: 'Warning',
  error: 'Error',
};

/** What the portal keeps of a step: its Task Summary, its output variables, its result. */
export class TaskRecord {
  readonly summary: string[] = [];
  readonly outputs = new Map<string, string>();
  result: string | undefined;

  /** Records an event; returns the line that the log shows for it, if any. */
  add(event: TaskLogEvent): TaskLogRow | undefined {
    switch (event.kind) {
      case 'line':
        if (event.level === 'highlight') this.summary.push(event.text);
        return { kind: event.level, name: levelNames[event.level], text: event.text };
      case 'dropped':
        return { kind: 'unreadable', name: 'Error', text: `Octopus cannot read: ${event.text}` };
      case 'message': {
        const { name, attributes } = event.message;
        if (name === 'setVariable') this.outputs.set(attributes['name'] ?? '', attributes['value'] ?? '');
        if (name === 'resultMessage') this.result = attributes['message'];
        if (name !== 'progress') return undefined;
        return { kind: 'progress', name: 'Progress', text: attributes['message'] ?? '' };
      }
    }
  }
}
