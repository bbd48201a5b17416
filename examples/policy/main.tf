# Writes the policy into a library variable set of each space.
# Check it first: npm run policy -- examples/policy/many-spaces.yaml

terraform {
  required_providers {
    octopusdeploy = {
      source = "OctopusDeploy/octopusdeploy"
    }
  }
}

# The id of the library variable set by the id of its space.
variable "policy_variable_sets" {
  type = map(string)
}

# Bind the parameter Policy of each step to #{Change.Policy}.
resource "octopusdeploy_variable" "policy" {
  for_each = var.policy_variable_sets

  space_id = each.key
  owner_id = each.value
  name     = "Change.Policy"
  type     = "String"
  value    = file("${path.module}/many-spaces.yaml")
}
