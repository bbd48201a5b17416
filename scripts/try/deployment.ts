import { type StartedAction, startAction } from '../../test/black-box/run-action.ts';
import { TaskLogReader } from '../../test/black-box/task-log.ts';
import { deploymentVariables } from '../../test/sandbox/octopus-variables.ts';
import type { Sandbox } from '../../test/sandbox/server.ts';
import { type TaskLogRow, TaskRecord } from '../demo/task-record.ts';

interface TimedRow extends TaskLogRow {
  readonly atMs: number;
}

/**
 * One deployment up to the end of its gate, as Octopus would show it; the gate is a real run of the bundle.
 */
export class Deployment {
  /** 1 for the first deployment since the program started. */
  readonly number: number;
  readonly rows: TimedRow[] = [];
  readonly record = new TaskRecord();
  readonly ended: Promise<void>;
  /** Undefined while the gate runs. */
  exitCode: number | undefined;
  readonly #action: StartedAction;

  constructor(number: number, sandbox: Pick<Sandbox, 'url' | 'site'>) {
    this.number = number;
    this.#action = startAction(
      deploymentVariables(sandbox, {
        'Octopus.Deployment.Id': `Deployments-${420 + number}`,
        'JsmChange.WaitLimitMinutes': '0',
        'JsmChange.CustomerComments': 'True',
      }),
    );
    this.ended = this.#follow();
  }

  /** Cancels the deployment the way Octopus does. */
  cancel(): void {
    this.#action.process.kill('SIGTERM');
  }

  async #follow(): Promise<void> {
    const reader = new TaskLogReader();
    const show = (event: Parameters<TaskRecord['add']>[0]): void => {
      const row = this.record.add(event);
      if (row !== undefined) this.rows.push({ ...row, atMs: Date.now() });
    };
    this.#action.process.stdout?.on('data', (text: string) => {
      for (const event of reader.read(text)) show(event);
    });
    const { exitCode, stderr } = await this.#action.ended;
    for (const event of reader.end()) show(event);
    if (stderr !== '') show({ kind: 'line', level: 'error', text: stderr });
    this.exitCode = exitCode ?? 1;
  }
}
