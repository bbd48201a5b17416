import type { Fault } from '../sandbox/fault.ts';
import { deploymentTitle } from '../sandbox/octopus-variables.ts';
import type { RequiredApproval } from './fault-model.ts';
import { gateVariables, type SimulatedRun, simulate } from './simulate.ts';
import { SimulatedSite } from './simulated-site.ts';

const minuteMs = 60_000;

/**
 * How a run may find its change request. On the path `checked` it is supplied, and needs an approval by
 * another person.
 */
export const paths = ['supplied', 'matched', 'created', 'checked'] as const;
export type Path = (typeof paths)[number];

/** A2: returns what a run on this path requires of the approvals. */
export function requiredOn(path: Path): RequiredApproval {
  return { approvalCheck: path === 'checked' ? 'OtherApprover' : 'Status', isDeployerKnown: true };
}

/** A run, and the number of change requests with its title that are open after it. */
interface OneFaultOutcome {
  readonly run: SimulatedRun;
  readonly open: number;
}

/**
 * Runs a gate that waits for an approval after 4 minutes, with one fault at the n-th request that it sends.
 */
export async function runPath(
  path: Path,
  fault?: { readonly fault: Fault; readonly at: number },
): Promise<OneFaultOutcome> {
  const site = new SimulatedSite();
  site.createRequest({ summary: 'Something else', createdMs: site.siteClock.now() - 10 * minuteMs });
  const key =
    path === 'created' ? 'CHG-2' : site.createRequest({ summary: deploymentTitle, lagged: false }).key;
  if (fault !== undefined) site.faults.add(fault);
  const run = await simulate({
    site,
    latency: 50,
    variables: gateVariables(site, {
      'JsmChange.PollIntervalSeconds': '60',
      'JsmChange.WaitLimitMinutes': '30',
      'JsmChange.ApprovalCheck': requiredOn(path).approvalCheck,
      'Octopus.JiraServiceManagement.ChangeRequest.Number':
        path === 'supplied' || path === 'checked' ? key : '',
    }),
    at: [
      [
        4 * minuteMs,
        () => {
          for (const one of site.openWithSummary(deploymentTitle)) {
            site.setApproval(one.key, {
              finalDecision: 'approved',
              approvers: { 'Ann Approver': 'approved' },
            });
            site.moveTo(one.key, 'Implementing');
          }
        },
      ],
    ],
  });
  return { run, open: site.openWithSummary(deploymentTitle).length };
}
