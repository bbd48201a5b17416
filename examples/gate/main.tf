# The step template, a gated deployment, and a runbook that tests the connection every morning. If `npm run
# install-template` keeps the template current, leave octopusdeploy_step_template out and pass its id and version.

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

# The project whose deployments are gated.
variable "project_id" {
  type = string
}

# The environment that is change controlled.
variable "production_id" {
  type = string
}

# A library variable set with the login, included in the project.
variable "library_variable_set_id" {
  type = string
}

variable "jira_token" {
  type      = string
  sensitive = true
}

locals {
  # step-template.powershell.json for workers with Windows. Adapt the path to where you keep the file.
  template = jsondecode(file("${path.module}/../../step-template.json"))

  connection = {
    "JsmChange.BaseUrl"        = "https://acme.atlassian.net"
    "JsmChange.Username"       = "octopus@acme.example"
    "JsmChange.Token"          = "#{Change.JiraToken}"
    "JsmChange.ServiceProject" = "CHG"
  }
}

resource "octopusdeploy_step_template" "change_gate" {
  space_id        = var.space_id
  name            = local.template.Name
  description     = local.template.Description
  action_type     = local.template.ActionType
  step_package_id = local.template.ActionType
  packages        = []
  properties      = local.template.Properties

  parameters = [for parameter in local.template.Parameters : {
    id               = parameter.Id
    name             = parameter.Name
    label            = parameter.Label
    help_text        = parameter.HelpText
    display_settings = parameter.DisplaySettings
    default_value    = parameter.DisplaySettings["Octopus.ControlType"] == "Sensitive" ? null : parameter.DefaultValue
  }]
}

# The login, and which environments are change controlled.

resource "octopusdeploy_variable" "jira_token" {
  space_id        = var.space_id
  owner_id        = var.library_variable_set_id
  name            = "Change.JiraToken"
  type            = "Sensitive"
  is_sensitive    = true
  sensitive_value = var.jira_token
}

resource "octopusdeploy_variable" "not_change_controlled" {
  space_id = var.space_id
  owner_id = var.project_id
  name     = "ChangeControlled"
  type     = "String"
  value    = "False"
}

resource "octopusdeploy_variable" "change_controlled" {
  space_id = var.space_id
  owner_id = var.project_id
  name     = "ChangeControlled"
  type     = "String"
  value    = "True"

  scope {
    environments = [var.production_id]
  }
}

# The deployment process. Its steps run in the default worker pool; worker_pool_id on a step names another one.

resource "octopusdeploy_process" "deployment" {
  space_id   = var.space_id
  project_id = var.project_id
}

resource "octopusdeploy_process_templated_step" "change_gate" {
  space_id         = var.space_id
  process_id       = octopusdeploy_process.deployment.id
  name             = "Change gate"
  template_id      = octopusdeploy_step_template.change_gate.id
  template_version = octopusdeploy_step_template.change_gate.version
  condition        = "Success"
  is_required      = true

  parameters = merge(local.connection, {
    "JsmChange.Operation"                   = "Gate"
    "JsmChange.EnvironmentChangeControlled" = "#{ChangeControlled}"
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
  template_id      = octopusdeploy_step_template.change_gate.id
  template_version = octopusdeploy_step_template.change_gate.version
  condition        = "Always"

  parameters = merge(local.connection, {
    "JsmChange.Operation"                   = "Report"
    "JsmChange.EnvironmentChangeControlled" = "#{ChangeControlled}"
    "JsmChange.SuccessStatus"               = "Completed"
    "JsmChange.FailureStatus"               = "Failed"
  })
}

resource "octopusdeploy_process_steps_order" "deployment" {
  space_id   = var.space_id
  process_id = octopusdeploy_process.deployment.id
  steps = [
    octopusdeploy_process_templated_step.change_gate.id,
    octopusdeploy_process_step.deploy.id,
    octopusdeploy_process_templated_step.report_change.id,
  ]
}

# A runbook that fails when the token no longer works. A trigger runs its published snapshot: publish one after each
# change.

resource "octopusdeploy_runbook" "test" {
  space_id   = var.space_id
  project_id = var.project_id
  name       = "Test the change gate"
}

resource "octopusdeploy_process" "test" {
  space_id   = var.space_id
  project_id = var.project_id
  runbook_id = octopusdeploy_runbook.test.id
}

resource "octopusdeploy_process_templated_step" "test" {
  space_id         = var.space_id
  process_id       = octopusdeploy_process.test.id
  name             = "Test"
  template_id      = octopusdeploy_step_template.change_gate.id
  template_version = octopusdeploy_step_template.change_gate.version
  condition        = "Success"

  parameters = merge(local.connection, {
    "JsmChange.Operation" = "Test"
  })
}

resource "octopusdeploy_project_scheduled_trigger" "test" {
  space_id   = var.space_id
  project_id = var.project_id
  name       = "Test the change gate"

  run_runbook_action {
    runbook_id             = octopusdeploy_runbook.test.id
    target_environment_ids = [var.production_id]
  }

  cron_expression_schedule {
    cron_expression = "0 0 6 * * *"
  }
}
