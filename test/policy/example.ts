/** The policy of the documentation, with every key. */
export const examplePolicy = `version: 1
enabled: true                  # false: nothing is asked for, and the task log says so
customerComments: true
unlisted: warn
connections:
  - name: Acme Cloud
    baseUrl: https://acme.atlassian.net
    username: octopus@acme.example
    tokenVariable: JsmChange.Token[Acme Cloud]
projects:
  - name: Web Site
    changeControlled: true
    connection: Acme Cloud
    serviceProject: CHG
    requestType: Request a change
    runbooks: [Rotate certificates]
    preApproved: false
environments:
  - name: Production
    changeControlled: true
states:
  proceed: [Implementing]
  wait: [Review, Preview, Planning, Authorize, Awaiting Implementation, Peer review / change manager approval, Awaiting CAB approval]
plannedStart: Planned start
plannedEnd: Planned end
requirePlannedEnd: false
issueTypes: [Change]
allowedProjects: [OPS]
suppliedMustMention: [project]
approvalCheck: status
`;

/** The example policy with the given parts replaced. */
export function policyWith(change: {
  readonly top?: string;
  readonly connection?: string;
  readonly project?: string;
  readonly environment?: string;
}): string {
  return [
    'version: 1',
    change.top ?? 'enabled: true',
    'connections:',
    '  - name: Acme Cloud',
    '    baseUrl: https://acme.atlassian.net',
    change.connection ?? '    tokenVariable: JsmChange.Token',
    'projects:',
    '  - name: Web Site',
    '    connection: Acme Cloud',
    '    serviceProject: CHG',
    change.project ?? '    preApproved: false',
    'environments:',
    change.environment ?? '  - name: Production',
    '',
  ].join('\n');
}
