import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fastSiteClock } from '../test/black-box/fast-site-clock.ts';
import { startAction } from '../test/black-box/run-action.ts';
import { type TaskLog, TaskLogReader } from '../test/black-box/task-log.ts';
import { defaultUsername } from '../test/sandbox/defaults.ts';
import { deploymentVariables } from '../test/sandbox/octopus-variables.ts';
import { type Sandbox, startSandbox } from '../test/sandbox/server.ts';
import { runCommand, UsageError, wholeNumber } from './command.ts';
import { commentLines, playApprovers, serviceProject } from './demo/approver.ts';
import { showParked } from './demo/parked.ts';
import { TaskLogView } from './demo/task-log-view.ts';
import { replayed } from './replay/replayed-record.ts';

type Variables = Readonly<Record<string, string>>;

const usage = `Usage: npm run demo -- [--policy | --parked] [--speed N]

Shows a gated deployment from beginning to end, in under 30 seconds. The action is the bundle that the step templates
contain; the Jira Service Management site is the stand-in that the tests use, and the demo plays its approvers.

  --policy   use a policy and comments, and also report how the deployment ended
  --parked   show six deployments that wait for approval without occupying a worker, on a server with two slots
  --speed N  run all clocks N times as fast; 1 by default, 4 with --parked`;

const isTerminal = process.stdout.isTTY === true;
const noColour = (process.env['NO_COLOR'] ?? '') !== '';
const screen = {
  write: (text: string) => process.stdout.write(text),
  colours: isTerminal && !noColour && process.stdout.hasColors(),
  width: isTerminal ? Math.min(process.stdout.columns, 120) : undefined,
};

/** A policy that says which deployments are under change control, and which connection they use. */
function policy({ url }: Sandbox): string {
  return `version: 1
customerComments: true
connections:
  - name: Acme Cloud
    baseUrl: ${url}
    username: ${defaultUsername}
    tokenVariable: JsmChange.Token
projects:
  - name: Web Site
    connection: Acme Cloud
    serviceProject: CHG
environments:
  - name: Production
issueTypes: [Change]
`;
}

/** Runs one step of the deployment and shows it; returns its exit code and its output variables. */
async function runStep(
  view: TaskLogView,
  variables: Variables,
  speed: number,
): Promise<Pick<TaskLog, 'outputs'> & { exitCode: number; files: ReadonlyMap<string, string> }> {
  const action = startAction(variables, { speed });
  const reader = new TaskLogReader();
  action.process.stdout?.on('data', (text: string) => {
    for (const event of reader.read(text)) view.show(event);
  });
  const { exitCode, outputs, files, stderr } = await action.ended;
  for (const event of reader.end()) view.show(event);
  if (stderr !== '') process.stderr.write(stderr);
  return { exitCode: exitCode ?? 1, outputs, files };
}

async function gate(sandbox: Sandbox, more: Variables, speed: number): Promise<number> {
  const view = new TaskLogView(screen);
  sandbox.site.onCreate = (model, key) => playApprovers(model, key, (what) => view.tell(what));
  view.heading('Deploy Web Site 1.0.1 to Production');
  view.paragraph(
    'Its first step is the gate: node dist/index.js, as the step template runs it. Jira Service Management (JSM) is a stand-in on this machine, and the demo plays its approvers (lines marked JSM). Octopus would also show Highlight lines in the Task Summary, and Progress next to the running step.',
  );
  view.heading('Task log');
  const started = performance.now();
  const { exitCode, outputs, files } = await runStep(view, deploymentVariables(sandbox, more), speed);
  view.showRest();
  const seconds = Math.round((performance.now() - started) / 1000);
  const verdict = exitCode === 0 ? 'The deployment proceeds' : 'The deployment is blocked';
  view.verdict(
    `${verdict}: ${outputs['Decision']}, exit code ${exitCode}, after ${seconds} s.`,
    exitCode === 0,
  );
  await showRecord(view, files);
  return exitCode;
}

/** Saves the files that Octopus would collect as artifacts, and recomputes the record. */
async function showRecord(view: TaskLogView, files: ReadonlyMap<string, string>): Promise<void> {
  const folder = new URL('../reports/', import.meta.url);
  await mkdir(folder, { recursive: true });
  view.heading('Change record: the artifacts of the deployment');
  for (const [name, text] of files) {
    const path = fileURLToPath(new URL(name, folder));
    await writeFile(path, text);
    view.listing([path]);
    if (!name.endsWith('.json')) continue;
    const findings = replayed(JSON.parse(text));
    const wrong = findings.filter(({ holds }) => !holds);
    view.listing([
      `Recomputed: ${findings.length - wrong.length} of ${findings.length} checks and decisions confirmed. To see each: npm run replay -- reports/${name}`,
      ...wrong.map(({ where, says }) => `WRONG ${where}: ${says}`),
    ]);
  }
}

/** The last step of the deployment: reports on the change request how the deployment ended. */
async function report(sandbox: Sandbox, more: Variables, speed: number): Promise<void> {
  const view = new TaskLogView(screen);
  view.heading('The rest of the deployment runs, and its last step reports');
  await runStep(
    view,
    deploymentVariables(sandbox, {
      ...more,
      'JsmChange.Operation': 'Report',
      'JsmChange.SuccessStatus': 'Completed',
      'Octopus.Action[Change gate].Output.ChangeRequest.Number': 'CHG-1',
      'Octopus.Action[Change gate].Output.Decision': 'Proceed',
    }),
    speed,
  );
  const issue = sandbox.site.issue('CHG-1');
  view.heading(`${issue.key} in JSM: ${issue.status.name}`);
  view.listing(commentLines(issue));
}

const options = {
  policy: { type: 'boolean', default: false },
  parked: { type: 'boolean', default: false },
  speed: { type: 'string' },
} as const;

await runCommand({ usage, options }, async ({ values }) => {
  const { policy: withPolicy, parked, speed: given = parked ? '4' : '1' } = values;
  if (withPolicy && parked) throw new UsageError('--policy and --parked are separate demos: choose one.');
  const speed = wholeNumber(given, { name: '--speed', min: 1, max: 1000 });
  // Ctrl+C also reaches the action: it ends, and then the demo ends.
  process.on('SIGINT', () => {});
  if (parked) return showParked({ screen, speed });
  const sandbox = await startSandbox({ projects: [serviceProject], clock: fastSiteClock(speed) });
  try {
    const more: Variables = withPolicy ? { 'JsmChange.Policy': policy(sandbox) } : {};
    const exitCode = await gate(sandbox, more, speed);
    if (withPolicy && exitCode === 0) await report(sandbox, more, speed);
    const view = new TaskLogView(screen);
    view.heading('Next');
    view.listing([
      'npm run try    you are the approver, in your browser',
      'README.md      how to use the step in Octopus',
    ]);
    return exitCode;
  } finally {
    await sandbox.close();
  }
});
