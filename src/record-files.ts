import {
  type Circumstances,
  changeRecord,
  digestSoFar,
  recordName,
  recordText,
} from './app/evidence/change-record.ts';
import { sha256 } from './app/evidence/digest.ts';
import { harmless } from './app/evidence/harmless.ts';
import { recordPage } from './app/evidence/page/page.ts';
import type { RecordHead } from './app/evidence/record.ts';
import type { Trail } from './app/evidence/trail.ts';
import type { Outcome } from './domain/decision/outcome.ts';
import { runLine } from './domain/deployment/run-line.ts';
import type { Operation } from './domain/operation.ts';
import { deploymentFacts, octopusRun } from './octopus/run-facts.ts';
import type { Variables } from './octopus/variables.ts';
import type { Settings } from './settings/settings.ts';
import { productVersion } from './version.ts';

/** The data that a record is made from. */
export interface RecordSource {
  readonly operation: Operation;
  readonly variables: Variables;
  /** Undefined if the step's input was invalid. */
  readonly settings: Settings | undefined;
  /** The text of the running bundle, if it can be read. */
  readonly bundle: string | undefined;
  readonly trail: Trail;
  readonly redact: (text: string) => string;
}

export type RecordWriter = typeof recordWriter;

/** Makes the files of the change record. */
export const recordWriter = {
  /** E1: returns both files of a run with this outcome, and their name without an extension. */
  files(source: RecordSource, outcome: Outcome, circumstances: Circumstances) {
    const { trail, redact } = source;
    const head = recordHead(source);
    const record = changeRecord(head, trail.entries, outcome, circumstances, redact);
    const json = recordText(record);
    const name = recordName(circumstances.changeRequest?.key, head.run.runId);
    return { name, json, jsonSha256: sha256(json), html: recordPage(record) };
  },

  /** E4: returns the digest of the record so far. */
  digest(source: RecordSource): string {
    return digestSoFar(recordHead(source), source.trail.entries);
  },
};

/** E2: returns what identifies the run, and its settings, without secrets (X3). */
function recordHead({ operation, variables, settings, bundle, redact }: RecordSource): RecordHead {
  const run = octopusRun(variables);
  const { project, release, environment, runbook, tenant, tenantTags, taskUrl } = deploymentFacts(variables);
  const head: RecordHead = {
    record: 'octopus-jsm-change-record',
    recordVersion: 1,
    step: { version: productVersion, bundleSha256: bundle === undefined ? null : sha256(bundle) },
    operation,
    run: {
      ...run,
      line: runLine(run),
      project,
      release,
      environment,
      runbook,
      tenant,
      tenantTags,
      space: variables.get('Octopus.Space.Name'),
      step: variables.get('Octopus.Action.Name'),
      taskUrl,
      deployer: {
        name: variables.get('Octopus.Deployment.CreatedBy.DisplayName'),
        username: variables.get('Octopus.Deployment.CreatedBy.Username'),
        email: variables.get('Octopus.Deployment.CreatedBy.EmailAddress'),
      },
      trigger: {
        id: variables.get('Octopus.Deployment.Trigger.Id'),
        name: variables.get('Octopus.Deployment.Trigger.Name'),
      },
    },
    settings: settings === undefined ? null : recordSettings(settings, variables.raw('JsmChange.Policy')),
  };
  return harmless(head, redact);
}

function recordSettings(settings: Settings, policy: string): NonNullable<RecordHead['settings']> {
  return {
    site: settings.baseUrl.href,
    account: settings.username,
    policySha256: settings.policyToken === undefined ? null : sha256(policy),
    serviceProject: settings.serviceProject,
    requestType: settings.requestType,
    title: settings.title,
    suppliedKey: settings.suppliedKey ?? null,
    earlierKey: settings.earlierKey ?? null,
    proceedStatuses: settings.states.proceed,
    waitStatuses: settings.states.wait,
    plannedStartField: settings.plannedStartField ?? null,
    plannedEndField: settings.plannedEndField ?? null,
    requirePlannedEnd: settings.requirePlannedEnd,
    allowedProjects: settings.allowedProjects,
    issueTypes: settings.issueTypes ?? null,
    mustMention: settings.rules.mustMention,
    approvalCheck: settings.rules.approval.check,
    otherThan: settings.rules.approval.deployer ?? null,
    customerComments: settings.customerComments,
    approveTransition: settings.approveTransition,
    whenPending: settings.whenPending,
    pollIntervalSeconds: settings.pollIntervalMs / 1000,
    waitLimitMinutes: settings.waitLimitMs / 60_000,
    outageMinutes: settings.outageMs / 60_000,
    fields: settings.fields,
  };
}
