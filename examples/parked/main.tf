# A deployment that is parked until its change request is approved, and the runbook that lets it continue. What each
# value means: docs/parking.md. Install the step templates first (npm run install-template shows their ids and versions).

terraform {
  required_providers {
    octopusdeploy = {
      source = "OctopusDeploy/octopusdeploy"
    }
  }
}

variable "space_id" {
  type = string
}

# The project whose deployments are parked.
variable "project_id" {
  type = string
}

# The project that contains the runbook.
variable "operations_project_id" {
  type = string
}

# The environment that is change controlled: the project's variable ChangeControlled is True in it, as in
# ../gate/main.tf.
variable "production_id" {
  type = string
}

# How the steps reach Jira: JsmChange.BaseUrl, JsmChange.Username, JsmChange.Token and JsmChange.ServiceProject, as
# local.connection in ../gate/main.tf; or JsmChange.Policy, and the secrets that the policy names.
variable "connection" {
  type = map(string)
}

variable "step_template" {
  type = object({ id = string, version = number })
}

variable "resume_template" {
  type = object({ id = string, version = number })
}

# The account that answers the Manual Interventions, and nothing else. Create an API key for it in Octopus, and keep it in
# the sensitive variable Change.OctopusApiKey of the project that contains the runbook.

resource "octopusdeploy_user" "resume" {
  display_name = "Change gate"
  username     = "change-gate"
  is_service   = true
}

resource "octopusdeploy_team" "change_gate" {
  space_id = var.space_id
  name     = "Change gate"
  users    = [octopusdeploy_user.resume.id]
}

resource "octopusdeploy_user_role" "resume" {
  name                      = "Resume parked deployments"
  granted_space_permissions = ["InterruptionView", "InterruptionViewSubmitResponsible"]
}

resource "octopusdeploy_scoped_user_role" "resume" {
  space_id        = var.space_id
  team_id         = octopusdeploy_team.change_gate.id
  user_role_id    = octopusdeploy_user_role.resume.id
  project_ids     = [var.project_id]
  environment_ids = [var.production_id]
}

# The deployment process.

resource "octopusdeploy_process" "deployment" {
  space_id   = var.space_id
  project_id = var.project_id
}

resource "octopusdeploy_process_templated_step" "request_change" {
  space_id         = var.space_id
  process_id       = octopusdeploy_process.deployment.id
  name             = "Request change"
  template_id      = var.step_template.id
  template_version = var.step_template.version
  condition        = "Success"
  is_required      = true

  parameters = merge(var.connection, {
    "JsmChange.Operation"                   = "Request"
    "JsmChange.EnvironmentChangeControlled" = "#{ChangeControlled}"
    "JsmChange.CustomerComments"            = "True"
  })
}

resource "octopusdeploy_process_step" "wait_for_approval" {
  space_id   = var.space_id
  process_id = octopusdeploy_process.deployment.id
  name       = "Wait for approval"
  type       = "Octopus.Manual"
  condition  = "Variable"

  properties = {
    "Octopus.Step.ConditionVariableExpression" = "#{unless Octopus.Deployment.Error}#{if Octopus.Action[Request change].Output.Decision == \"Pending\"}True#{/if}#{/unless}"
  }

  execution_properties = {
    "Octopus.Action.RunOnServer"                       = "True"
    "Octopus.Action.Manual.Instructions"               = "#{Octopus.Action[Request change].Output.WaitInstructions}"
    "Octopus.Action.Manual.ResponsibleTeamIds"         = octopusdeploy_team.change_gate.id
    "Octopus.Action.Manual.BlockConcurrentDeployments" = "False"
  }
}

resource "octopusdeploy_process_templated_step" "change_gate" {
  space_id         = var.space_id
  process_id       = octopusdeploy_process.deployment.id
  name             = "Change gate"
  template_id      = var.step_template.id
  template_version = var.step_template.version
  condition        = "Success"
  is_required      = true

  parameters = merge(var.connection, {
    "JsmChange.Operation"                   = "Gate"
    "JsmChange.EnvironmentChangeControlled" = "#{ChangeControlled}"
    "JsmChange.CustomerComments"            = "True"
  })
}

resource "octopusdeploy_process_step" "deploy" {
  space_id   = var.space_id
  process_id = octopusdeploy_process.deployment.id
  name       = "Deploy"
  type       = "Octopus.Script"

  execution_properties = {
    "Octopus.Action.RunOnServer"         = "True"
    "Octopus.Action.Script.ScriptSource" = "Inline"
    "Octopus.Action.Script.Syntax"       = "Bash"
    "Octopus.Action.Script.ScriptBody"   = "echo \"What the project deploys comes here.\""
  }
}

resource "octopusdeploy_process_templated_step" "report_change" {
  space_id         = var.space_id
  process_id       = octopusdeploy_process.deployment.id
  name             = "Report change"
  template_id      = var.step_template.id
  template_version = var.step_template.version
  condition        = "Always"

  parameters = merge(var.connection, {
    "JsmChange.Operation"                   = "Report"
    "JsmChange.EnvironmentChangeControlled" = "#{ChangeControlled}"
    "JsmChange.CustomerComments"            = "True"
    "JsmChange.SuccessStatus"               = "Completed"
    "JsmChange.FailureStatus"               = "Failed"
  })
}

resource "octopusdeploy_process_steps_order" "deployment" {
  space_id   = var.space_id
  process_id = octopusdeploy_process.deployment.id
  steps = [
    octopusdeploy_process_templated_step.request_change.id,
    octopusdeploy_process_step.wait_for_approval.id,
    octopusdeploy_process_templated_step.change_gate.id,
    octopusdeploy_process_step.deploy.id,
    octopusdeploy_process_templated_step.report_change.id,
  ]
}

# The runbook. A trigger runs its published snapshot: publish one after each change.

resource "octopusdeploy_runbook" "resume" {
  space_id   = var.space_id
  project_id = var.operations_project_id
  name       = "Resume parked deployments"
}

resource "octopusdeploy_process" "resume" {
  space_id   = var.space_id
  project_id = var.operations_project_id
  runbook_id = octopusdeploy_runbook.resume.id
}

resource "octopusdeploy_process_templated_step" "resume" {
  space_id         = var.space_id
  process_id       = octopusdeploy_process.resume.id
  name             = "Resume"
  template_id      = var.resume_template.id
  template_version = var.resume_template.version
  condition        = "Success"

  parameters = merge(var.connection, {
    "JsmChange.OctopusApiKey" = "#{Change.OctopusApiKey}"
    "JsmChange.ParkLimitDays" = "30"
  })
}

resource "octopusdeploy_project_scheduled_trigger" "resume" {
  space_id   = var.space_id
  project_id = var.operations_project_id
  name       = "Resume parked deployments"

  run_runbook_action {
    runbook_id             = octopusdeploy_runbook.resume.id
    target_environment_ids = [var.production_id]
  }

  cron_expression_schedule {
    cron_expression = "0 */5 * * * *"
  }
}
