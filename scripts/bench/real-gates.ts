import { startAction } from '../../test/black-box/run-action.ts';
import { deploymentVariables } from '../../test/sandbox/octopus-variables.ts';
import { startSandbox } from '../../test/sandbox/server.ts';
import type { Row } from './row.ts';

const gates = 50;
const number = 'Octopus.JiraServiceManagement.ChangeRequest.Number';

/**
 * Runs many real processes against one site at the same time, each with its own change request; all are
 * approved together.
 */
export async function realGateRows(): Promise<readonly Row[]> {
  const sandbox = await startSandbox({ record: false });
  const { site } = sandbox;
  const keys = Array.from(
    { length: gates },
    (_, index) => site.createRequest({ summary: `Change ${index}` }).key,
  );
  const seen = new Set<string>();
  const approved = new Promise<void>((resolve) => {
    const answer = site.answer.bind(site);
    site.answer = (request) => {
      const key = /\/issue\/([A-Z]+-\d+)/.exec(request.path)?.[1];
      if (key !== undefined) seen.add(key);
      if (seen.size === gates) resolve();
      return answer(request);
    };
  });
  const actions = keys.map((key) => startAction(deploymentVariables(sandbox, { [number]: key })));
  const ended = Promise.all(actions.map((action) => action.ended));
  await Promise.race([approved, ended]);
  for (const key of keys) site.moveTo(key, 'Implementing');
  const proceeded = (await ended).filter(({ exitCode }) => exitCode === 0).length;
  const { requestCount } = site;
  await sandbox.close();
  return [
    {
      measure: `${gates} real processes on one site`,
      how: 'each waits for its own change request; all are approved when each has checked once',
      figure: `${proceeded} proceed, ${requestCount} requests`,
      target: 'every process proceeds',
      met: proceeded === gates,
    },
  ];
}
