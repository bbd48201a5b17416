import { plannedEndId, plannedStartId } from '../../test/sandbox/defaults.ts';
import { deploymentTitle } from '../../test/sandbox/octopus-variables.ts';
import { gateVariables, simulate } from '../../test/simulation/simulate.ts';
import { SimulatedSite } from '../../test/simulation/simulated-site.ts';
import { serviceProject } from '../demo/approver.ts';

const minuteMs = 60_000;

/**
 * Returns the page of the record of a deployment that waited for its approvals and its window, up to and
 * including its checks.
 */
export async function changeRecordPage(): Promise<string> {
  const site = new SimulatedSite({ projects: [serviceProject] });
  const { key } = site.createRequest({ summary: deploymentTitle, lagged: false });
  const { files } = await simulate({
    site,
    variables: gateVariables(site, { 'JsmChange.EvidenceRecord': 'True' }),
    at: [
      [10 * minuteMs, () => site.decide(key, 'Ann Approver', 'approved')],
      [20 * minuteMs, () => site.moveTo(key, 'Authorize')],
      [25 * minuteMs, () => site.decide(key, 'Bob Board', 'approved')],
      [30 * minuteMs, () => site.decide(key, 'Cara Change', 'approved')],
      [30 * minuteMs, () => site.setField(key, plannedStartId, site.dateIn(60 * minuteMs))],
      [30 * minuteMs, () => site.setField(key, plannedEndId, site.dateIn(180 * minuteMs))],
      [30 * minuteMs, () => site.moveTo(key, 'Implementing')],
    ],
  });
  const page = files.get(`change-record-${key}.html`) ?? '';
  return page.replace(/<section>\n<h2>Written to Jira[\s\S]*(?=<\/body>)/, '');
}
