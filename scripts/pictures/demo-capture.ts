import { playApprovers } from '../demo/approver.ts';
import { TaskLogView } from '../demo/task-log-view.ts';
import { runGate, type Scene } from './gate-run.ts';
import { terminalSvg } from './terminal-svg.ts';

const columns = 104;

const later =
  (seconds: number) =>
  ({ clock }: Scene): void =>
    clock.advance(seconds * 1000);

/**
 * Returns the task log that the demo shows on a terminal: a gated deployment from its change request to its
 * start.
 */
export async function demoCapture(): Promise<string> {
  let output = '';
  let now = (): number => 0;
  const view = new TaskLogView({
    write: (text) => {
      output += text;
    },
    colours: true,
    width: columns,
    time: () => new Date(now()).toISOString().slice(11, 19),
  });
  view.heading('Deploy Web Site 1.0.1 to Production');
  const { exitCode } = await runGate({
    prepare: ({ site, clock }) => {
      now = () => clock.now();
      site.onCreate = (model, key) => playApprovers(model, key, (what) => view.tell(what));
    },
    // The approvers act 2.5, 4.5, 6.5, 8.5 and 10.5 seconds after the change request is raised.
    acts: [
      ['progress: CHG-1 is Review', later(3)],
      ['progress: CHG-1 is Planning', later(2)],
      ['progress: CHG-1 is Authorize', later(4)],
      ['progress: CHG-1 is Awaiting implementation', later(2)],
      ['progress: CHG-1 is Implementing', later(5)],
    ],
    show: (event) => view.show(event),
  });
  view.verdict(`The deployment proceeds: exit code ${exitCode}.`, exitCode === 0);
  return terminalSvg('npm run demo', output, columns);
}
