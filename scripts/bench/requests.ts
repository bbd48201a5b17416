import { startAction } from '../../test/black-box/run-action.ts';
import { readyChange } from './ready-change.ts';
import type { Row } from './row.ts';

const checks = 20;
const speed = 10;

/** Measures how many requests a gate sends, as the site counts them. */
export async function requestRows(): Promise<readonly Row[]> {
  return [await rowOfReady(), await rowOfWait()];
}

async function rowOfReady(): Promise<Row> {
  const { sandbox, variables } = await readyChange();
  const asked = { toDecide: 0, names: 0 };
  const { site } = sandbox;
  const answer = site.answer.bind(site);
  site.answer = (request) => {
    asked[request.path.includes('/approval') ? 'names' : 'toDecide'] += 1;
    return answer(request);
  };
  const { exitCode, stdout } = await startAction(variables).ended;
  if (exitCode !== 0)
    throw new Error(`A supplied, ready change request did not allow its deployment:\n${stdout}`);
  await sandbox.close();
  return {
    measure: 'requests to decide a supplied, ready change request',
    how: `counted by the site; also asked ${asked.names} time(s) who approved, which does not affect the decision and adds their names to the ending (A3)`,
    figure: String(asked.toDecide),
    target: '1',
    met: asked.toDecide === 1,
  };
}

/** Leaves out the requests for pending approvers: they follow a change of the status, not a check. */
async function rowOfWait(): Promise<Row> {
  const { sandbox, key, variables } = await readyChange('Review', speed);
  const { site } = sandbox;
  const asked = { checks: 0, approvers: 0 };
  const answer = site.answer.bind(site);
  site.answer = (request) => {
    const answered = answer(request);
    if (request.path.includes('failFast')) asked.checks += 1;
    if (request.path.includes('/approval')) asked.approvers += 1;
    if (asked.checks === checks) site.moveTo(key, 'Implementing');
    return answered;
  };
  const { exitCode, stdout } = await startAction(
    { ...variables, 'JsmChange.WaitLimitMinutes': '120' },
    { speed },
  ).ended;
  if (exitCode !== 0) throw new Error(`A wait for an approval did not allow its deployment:\n${stdout}`);
  const { requestCount } = site;
  await sandbox.close();
  const perCheck = (requestCount - asked.approvers) / asked.checks;
  return {
    measure: 'requests per check while waiting',
    how: `counted by the site over ${asked.checks} checks; also asked ${asked.approvers} time(s) who still has to approve, which happens after every change`,
    figure: String(perCheck),
    target: '1',
    met: perCheck === 1,
  };
}
