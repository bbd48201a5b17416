import { readFileSync } from 'node:fs';
import { parse } from '@cdktf/hcl2json';
import { describe, expect, it } from 'vitest';
import { tableOf } from '../recipes/parking-page.ts';

type Block = Readonly<Record<string, unknown>>;
/** Blocks of one type by their labels; HCL allows several blocks with one label. */
type Blocks = Readonly<Record<string, readonly Block[]>>;

/** One step, as an example configures it. */
interface ExampleStep {
  readonly name: unknown;
  readonly condition: unknown;
  readonly properties: Block;
}

const fileOf = (name: string): string =>
  readFileSync(new URL(`../../examples/parked/${name}`, import.meta.url), 'utf8');

async function parsed(name: string): Promise<Readonly<Record<string, Readonly<Record<string, Blocks>>>>> {
  return parse(name, fileOf(name));
}

function first(blocks: readonly Block[] | undefined): Block {
  const [block] = blocks ?? [];
  if (block === undefined) throw new Error('a block is missing');
  return block;
}

/** Converts a step's table on the page to Octopus' own properties. */
function expected(name: string, team: string): ExampleStep {
  const { 'Run condition': condition = '', ...set } = tableOf(name);
  const isVariable = condition.includes('#{');
  const { Instructions, 'Responsible teams': teams, 'Block deployments': blocks, ...parameters } = set;
  return {
    name,
    condition: isVariable ? 'Variable' : condition,
    properties: {
      ...parameters,
      ...(isVariable && { 'Octopus.Step.ConditionVariableExpression': condition }),
      ...(Instructions !== undefined && { 'Octopus.Action.Manual.Instructions': Instructions }),
      ...(teams !== undefined && { 'Octopus.Action.Manual.ResponsibleTeamIds': team }),
      ...(blocks !== undefined && { 'Octopus.Action.Manual.BlockConcurrentDeployments': blocks }),
    },
  };
}

/** The properties without those that name the template and the worker. */
function relevant(properties: Block): Block {
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) => !/^Octopus\.Action\.(?:Template|RunOnServer)/.test(name)),
  );
}

/**
 * The values that a step of the Terraform example sets besides the connection: `merge(var.connection, { ...
 * })`.
 */
async function besidesConnection(parameters: unknown): Promise<Block> {
  if (parameters === undefined) return {};
  const [, set] = /^\$\{merge\(var\.connection, (\{[\s\S]*\})\)\}$/.exec(String(parameters)) ?? [];
  const { locals } = (await parse('parameters.tf', `locals {\n  set = ${set}\n}`)) as {
    readonly locals: readonly { readonly set: Block }[];
  };
  return locals[0]?.set ?? {};
}

const stepNames = ['Request change', 'Wait for approval', 'Change gate', 'Report change'];

describe('examples/parked/main.tf', async () => {
  const { resource = {} } = await parsed('main.tf');
  const steps = await Promise.all(
    [resource['octopusdeploy_process_templated_step'], resource['octopusdeploy_process_step']]
      .flatMap((blocks) => Object.values(blocks ?? {}))
      .map(first)
      .map(
        async ({ name, condition, parameters, properties, execution_properties }): Promise<ExampleStep> => ({
          name,
          condition,
          properties: relevant({
            ...(await besidesConnection(parameters)),
            ...(properties as Block | undefined),
            ...(execution_properties as Block | undefined),
          }),
        }),
      ),
  );

  it.each([...stepNames, 'Resume'])('configures the step "%s" as on the page', (name) => {
    const team = `\${octopusdeploy_team.change_gate.id}`;
    expect(steps.filter((step) => step.name === name)).toEqual([expected(name, team)]);
  });

  it('has the steps in the same order as the page', () => {
    const order = first(resource['octopusdeploy_process_steps_order']?.['deployment'])['steps'];
    expect(order).toEqual(
      [
        'templated_step.request_change',
        'step.wait_for_approval',
        'templated_step.change_gate',
        'step.deploy',
        'templated_step.report_change',
      ].map((step) => `\${octopusdeploy_process_${step}.id}`),
    );
  });

  it('gives the team the permissions of the page, and one member', () => {
    const role = first(resource['octopusdeploy_user_role']?.['resume']);
    expect(role['granted_space_permissions']).toEqual(Object.keys(tableOf('permission')));
    const team = first(resource['octopusdeploy_team']?.['change_gate']);
    expect(team).toEqual({
      space_id: `\${var.space_id}`,
      name: tableOf('Wait for approval')['Responsible teams'],
      users: [`\${octopusdeploy_user.resume.id}`],
    });
    expect(first(resource['octopusdeploy_user']?.['resume'])['is_service']).toBe(true);
  });

  it("runs the runbook on the page's schedule", () => {
    const trigger = first(resource['octopusdeploy_project_scheduled_trigger']?.['resume']);
    const table = tableOf('trigger');
    expect(trigger['name']).toBe(table['Name']);
    expect(trigger['cron_expression_schedule']).toEqual([{ cron_expression: table['Schedule'] }]);
    expect(table['Schedule']?.split(' ')).toHaveLength(6);
    expect(first(resource['octopusdeploy_runbook']?.['resume'])['name']).toBe(table['Runbook']);
  });
});

describe('examples/parked/deployment_process.ocl', async () => {
  const { step = {} } = await parsed('deployment_process.ocl');
  const steps = Object.values(step as unknown as Blocks)
    .map(first)
    .map(({ name, condition = 'Success', properties = {}, action }): ExampleStep => {
      const [only, ...others] = Object.values(action as Blocks).map(first);
      expect(others).toEqual([]);
      return {
        name,
        condition,
        properties: relevant({ ...(properties as Block), ...(only?.['properties'] as Block) }),
      };
    });

  it.each(stepNames)('configures the step "%s" as on the page', (name) => {
    expect(steps.filter((one) => one.name === name)).toEqual([expected(name, 'Teams-1')]);
  });

  it('has the steps in the same order as the page', () => {
    const names = [...fileOf('deployment_process.ocl').matchAll(/^ {4}name = "(.*)"$/gm)].map(
      ([, name]) => name,
    );
    expect(names).toEqual(['Request change', 'Wait for approval', 'Change gate', 'Deploy', 'Report change']);
  });
});
