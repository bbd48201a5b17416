import type { Directory, Space } from './directory.ts';
import type { Named } from './run.ts';

/** The parts of a step template's parameter that matter for an update. */
interface TemplateParameter {
  readonly Name: string;
  readonly DefaultValue?: unknown;
}

/** One version of a step template, as it was sent. */
export interface TemplateVersion {
  readonly version: number;
  readonly name: string;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly parameters: readonly TemplateParameter[];
}

export interface StepTemplate {
  readonly id: string;
  readonly space: Space;
  /** Oldest first. */
  readonly versions: TemplateVersion[];
  logo: string | undefined;
}

/** A step that uses a template. */
export interface TemplateUsage {
  readonly actionId: string;
  readonly stepName: string;
  readonly template: StepTemplate;
  readonly project: Named;
  readonly runbook: Named | undefined;
  /** Only for a version-controlled project. */
  readonly branch: string | undefined;
  readonly processId: string;
  /** Properties that were changed both here and in the template, so that a person has to choose. */
  readonly conflicts: Readonly<Record<string, readonly string[]>>;
  version: number;
  /** The step's values for the parameters. */
  readonly values: Record<string, unknown>;
}

interface UsageOptions {
  readonly template: StepTemplate;
  readonly step: string;
  readonly project?: string;
  readonly runbook?: string;
  readonly branch?: string;
  /** The latest by default. */
  readonly version?: number;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly conflicts?: Readonly<Record<string, readonly string[]>>;
}

export function latest({ versions }: StepTemplate): TemplateVersion {
  const last = versions.at(-1);
  if (last === undefined) throw new Error('A step template has at least one version.');
  return last;
}

/** The step templates of a server, and the steps that use them. */
export class TemplateStore {
  readonly templates: StepTemplate[] = [];
  readonly usages: TemplateUsage[] = [];
  readonly #directory: Directory;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  add(space: Space, resource: Readonly<Record<string, unknown>>): StepTemplate {
    const template: StepTemplate = {
      id: this.#directory.nextId('ActionTemplates'),
      space,
      versions: [],
      logo: undefined,
    };
    this.templates.push(template);
    this.change(template, resource);
    return template;
  }

  /** Creates the next version. */
  change(template: StepTemplate, resource: Readonly<Record<string, unknown>>): void {
    const parameters = resource['Parameters'];
    template.versions.push({
      version: template.versions.length,
      name: String(resource['Name']),
      resource,
      parameters: Array.isArray(parameters) ? parameters : [],
    });
  }

  /** Adds a process step that uses the template. */
  use(options: UsageOptions): TemplateUsage {
    const { template, step, project = 'Web Site', runbook, branch, values = {}, conflicts = {} } = options;
    const named = this.#directory.named('Projects', template.space, project);
    const ofRunbook =
      runbook === undefined ? undefined : this.#directory.named('Runbooks', template.space, runbook);
    const usage: TemplateUsage = {
      actionId: this.#directory.nextId('actions'),
      stepName: step,
      template,
      project: named,
      runbook: ofRunbook,
      branch,
      processId: ofRunbook === undefined ? `deploymentprocess-${named.id}` : `RunbookProcess-${ofRunbook.id}`,
      conflicts,
      version: options.version ?? latest(template).version,
      values: { ...values },
    };
    this.usages.push(usage);
    return usage;
  }
}
