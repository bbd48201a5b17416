# A policy of Octopus' Platform Hub: deployments to production have the change gate, enabled and not skipped.
#
# The slug of the policy must be the name of the package: change_gate. In the editor, put the package line and the rule
# `evaluate` under Scope, and the package line and everything else under Conditions.
#
# It sees which template a step comes from, not its parameters: a review of the process has to check that the operation
# is Gate. Start with "action": "warn", and change it to "block" once nothing is reported any more.

package change_gate

# Scope: which deployments are checked. Runbooks are left alone.

default evaluate := false

evaluate if {
    input.Environment.Slug == "production"
    not input.Runbook
}

# Conditions. `npm run install-template` shows the ids of the templates; each space has its own.

step_templates := {
    "ActionTemplates-1",
    "ActionTemplates-2",
}

default result := {
    "allowed": false,
    "action": "block",
    "reason": "A deployment to production needs the step template 'Jira Service Management - Require Approved Change', enabled and not skipped.",
}

result := {"allowed": true} if {
    some step in input.Steps
    step.Source.Type == "Step Template"
    step.Source.SlugOrId in step_templates
    step.Enabled == true
    not step.Id in input.SkippedSteps
}
