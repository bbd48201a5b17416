import { type Account, createAccount, type Flavour } from './account.ts';
import { type Behaviour, createBehaviour } from './behaviour.ts';
import { OffsetClock, type SiteClock } from './clock.ts';
import { defaultBaseUrl, requestTypeFieldId } from './defaults.ts';
import { type FieldDefinition, olderDateFields, otherFields, plannedFields, systemFields } from './field.ts';
import type { ValueContext } from './field-value.ts';
import type { Approval, ApproverDecision, Comment, Issue } from './issue.ts';
import { jiraDate } from './jira-date.ts';
import {
  createProject,
  defaultProject,
  type Project,
  type ProjectOptions,
  type RequestType,
} from './project.ts';
import { type Random, seededRandom } from './random.ts';
import { Schedule } from './schedule.ts';
import { indexIssue } from './search-index.ts';
import { type Status, type Transition, transitionsFrom } from './workflow.ts';

type BehaviourOptions = Partial<Omit<Behaviour, 'permissions'>> & {
  permissions?: Partial<Behaviour['permissions']>;
};

export interface ModelOptions extends BehaviourOptions {
  flavour?: Flavour;
  clock?: SiteClock;
  /** Seeds everything that is random. */
  seed?: number;
  /** The base address of links, including the context path; a server sets it to its own address. */
  baseUrl?: string;
  projects?: readonly ProjectOptions[];
  /** The planned date fields of the site; `current` are Planned start and Planned end. */
  dateFields?: 'current' | 'older' | 'both' | 'none';
  /** Additional fields; a field may have the name of another one. */
  fields?: readonly FieldDefinition[];
  /** The time zone of the site's accounts. */
  timeZone?: string;
  /** Called when a client has created a request, to play the site's automations or its approver. */
  onCreate?: (model: ChangeModel, key: string) => void;
}

/** The data with which a test creates a request on the site. */
export interface NewRequest {
  summary: string;
  /** The first project by default. */
  project?: string;
  description?: string;
  status?: string;
  issueType?: string;
  /** False for an issue that no customer raised (servicedeskapi does not know it). */
  customerRequest?: boolean;
  /**
   * Values by id or name of the field; a Date is converted to Jira's text, anything else is stored unchanged.
   */
  fields?: Record<string, unknown>;
  createdMs?: number;
  reporter?: Account;
  /** False: searches show it from the start. */
  lagged?: boolean;
}

const dateFieldSets = {
  current: plannedFields,
  older: olderDateFields,
  both: [...plannedFields, ...olderDateFields],
  none: [],
} as const;

/** The site's state, and what people do to it. It knows nothing about HTTP. */
export class ChangeModel {
  readonly flavour: Flavour;
  readonly clock: SiteClock;
  readonly behaviour: Behaviour;
  readonly random: Random;
  readonly projects: Project[] = [];
  readonly fields: FieldDefinition[];
  /** The account of the logins. */
  readonly octopus: Account;
  /** All accounts; the octopus account is the first. */
  readonly accounts: Account[];
  readonly timeZone: string;
  baseUrl: string;
  onCreate: ((model: ChangeModel, key: string) => void) | undefined;

  readonly #issues: Issue[] = [];
  readonly #byKey = new Map<string, Issue>();
  readonly #byId = new Map<string, Issue>();
  readonly #schedule = new Schedule<ChangeModel>();
  /** The time of the past act that is being run. */
  #actMs: number | undefined;
  #lastId = 107000;

  constructor(options: ModelOptions = {}) {
    this.flavour = options.flavour ?? 'cloud';
    this.clock = options.clock ?? new OffsetClock();
    this.random = seededRandom(options.seed ?? 1);
    this.baseUrl = options.baseUrl ?? defaultBaseUrl;
    this.timeZone = options.timeZone ?? 'Europe/Berlin';
    this.behaviour = createBehaviour(switchesOf(options));
    this.onCreate = options.onCreate;
    this.fields = [
      ...systemFields,
      ...dateFieldSets[options.dateFields ?? 'current'],
      ...otherFields,
      ...(options.fields ?? []),
    ];
    this.octopus = createAccount('octopus', 'Octopus Deploy', { timeZone: this.timeZone });
    this.accounts = [this.octopus];
    for (const [name, displayName] of [
      ['ann', 'Ann Approver'],
      ['bob', 'Bob Board'],
      ['cara', 'Cara Change'],
    ] as const) {
      this.accounts.push(createAccount(name, displayName, { timeZone: this.timeZone }));
    }
    for (const project of options.projects ?? [defaultProject]) {
      this.addProject(project);
    }
  }

  /** The server's time; while a past act is being run, the time of the act. */
  now(): number {
    return this.#actMs ?? this.clock.now();
  }

  addProject(options: ProjectOptions): Project {
    const project = createProject(options, this.projects.length);
    this.projects.push(project);
    return project;
  }

  project(key: string): Project {
    const found = this.projects.find((one) => one.key === key);
    if (found === undefined) {
      throw new Error(`the sandbox has no project ${key}`);
    }
    return found;
  }

  /** Returns a request type's form without the fields that the site hides. */
  form(requestType: RequestType): RequestType['fields'] {
    return requestType.fields.filter((one) => {
      const field = this.fields.find((candidate) => candidate.id === one.fieldId);
      return field !== undefined && !this.isHidden(field);
    });
  }

  isHidden(field: FieldDefinition): boolean {
    return isNamed(field, this.behaviour.hiddenFields);
  }

  isFailing(field: FieldDefinition): boolean {
    return this.behaviour.failingFields.length > 0 && isNamed(field, this.behaviour.failingFields);
  }

  isEditable(field: FieldDefinition): boolean {
    const isOnScreen = field.kind !== 'read-only' && field.offEditScreen !== true;
    return isOnScreen && !this.isHidden(field) && !isNamed(field, this.behaviour.notEditable);
  }

  isIgnoredOnCreate(field: FieldDefinition): boolean {
    return isNamed(field, this.behaviour.ignoredOnCreate);
  }

  /** Returns a field by id or name. */
  field(idOrName: string): FieldDefinition {
    const wanted = idOrName.toLowerCase();
    const found =
      this.fields.find((one) => one.id === idOrName) ??
      this.fields.find((one) => one.name.toLowerCase() === wanted);
    if (found === undefined) {
      throw new Error(`the sandbox has no field ${idOrName}`);
    }
    return found;
  }

  status(project: Project, name: string): Status {
    const wanted = name.toLowerCase();
    const found = project.workflow.statuses.find(
      (one) => one.name.toLowerCase() === wanted || one.id === name,
    );
    if (found === undefined) {
      throw new Error(`the workflow of ${project.key} has no status ${name}`);
    }
    return found;
  }

  /** Adds a person; `name` becomes the user name and the local part of the email address. */
  addAccount(name: string, displayName: string): Account {
    const account = createAccount(name, displayName, { timeZone: this.timeZone });
    this.accounts.push(account);
    return account;
  }

  account(nameOrDisplayName: string): Account {
    const found = this.accounts.find(
      (one) => one.displayName === nameOrDisplayName || one.name === nameOrDisplayName,
    );
    return found ?? this.addAccount(nameOrDisplayName.toLowerCase().replace(/\s+/g, '.'), nameOrDisplayName);
  }

  valueContext(base: string): ValueContext {
    return { base, flavour: this.flavour, timeZone: this.timeZone, accounts: this.accounts };
  }

  /** Every issue that was not removed, oldest first. */
  issues(): readonly Issue[] {
    this.catchUp();
    return this.#issues.filter((one) => !one.removed);
  }

  /** All stored issues, including removed ones: for searches. */
  storedIssues(): readonly Issue[] {
    return this.#issues;
  }

  /** Finds an issue by its key in any case, by a key from before it was moved, or by its id. */
  find(keyOrId: string): Issue | undefined {
    const found =
      this.#byKey.get(keyOrId) ?? this.#byKey.get(keyOrId.toUpperCase()) ?? this.#byId.get(keyOrId);
    return found?.removed === true ? undefined : found;
  }

  issue(keyOrId: string): Issue {
    this.catchUp();
    const found = this.find(keyOrId);
    if (found === undefined) {
      throw new Error(`the sandbox has no issue ${keyOrId}`);
    }
    return found;
  }

  /** The open issues (status category not done) with exactly this summary, oldest first. */
  openWithSummary(summary: string): Issue[] {
    return this.issues().filter(
      (one) => one.values.get('summary') === summary && one.status.category.key !== 'done',
    );
  }

  /** Creates a request, as somebody other than the client under test. */
  createRequest(given: NewRequest): Issue {
    this.catchUp();
    const first = this.projects[0];
    const project =
      given.project === undefined && first !== undefined ? first : this.project(given.project ?? '');
    const typeName = given.issueType;
    const change = project.requestTypes.find((one) => one.name.includes('change')) ?? project.requestTypes[0];
    const issueType =
      typeName === undefined
        ? project.issueTypes.find((one) => one.id === change?.issueTypeId)
        : project.issueTypes.find((one) => one.name === typeName);
    const values = new Map<string, unknown>([['summary', given.summary]]);
    if (given.description !== undefined) {
      values.set('description', given.description);
    }
    for (const [name, value] of Object.entries(given.fields ?? {})) {
      values.set(this.field(name).id, this.#stored(value));
    }
    const issue = this.raise({
      project,
      issueTypeId: issueType?.id ?? project.issueTypes[0]?.id ?? '',
      requestTypeId: given.customerRequest === false ? undefined : change?.id,
      reporter: given.reporter ?? this.account('Cara Change'),
      values,
      createdMs: given.createdMs,
    });
    if (given.status !== undefined) {
      this.moveTo(issue.key, given.status);
    }
    if (given.lagged === false) {
      issue.index.length = 0;
      indexIssue(issue, this.now(), 0, this.random);
    }
    return issue;
  }

  /** Stores an issue under the next number of its project. */
  raise(given: {
    project: Project;
    issueTypeId: string;
    requestTypeId: string | undefined;
    reporter: Account;
    values: Map<string, unknown>;
    createdMs?: number | undefined;
  }): Issue {
    const project = given.project;
    project.lastNumber += 1;
    this.#lastId += 1;
    const createdMs = given.createdMs ?? this.now();
    const issue: Issue = {
      id: String(this.#lastId),
      key: `${project.key}-${project.lastNumber}`,
      project,
      issueTypeId: given.issueTypeId,
      requestTypeId: given.requestTypeId,
      createdMs,
      updatedMs: createdMs,
      statusChangedMs: createdMs,
      categoryChangedMs: createdMs,
      reporter: given.reporter,
      status: this.status(project, project.workflow.initial),
      values: given.values,
      comments: [],
      approvals: [],
      history: [],
      removed: false,
      revision: 0,
      answers: new Map(),
      index: [],
    };
    if (given.requestTypeId !== undefined) {
      issue.values.set(requestTypeFieldId, { requestType: { id: given.requestTypeId } });
    }
    this.#issues.push(issue);
    this.#byKey.set(issue.key, issue);
    this.#byId.set(issue.id, issue);
    this.#askApproval(issue);
    indexIssue(issue, createdMs, this.behaviour.indexLagMs, this.random);
    return issue;
  }

  /** Skips issue numbers, as if issues had been created and deleted. */
  skipNumbers(projectKey: string, count: number): void {
    this.project(projectKey).lastNumber += count;
  }

  /** Moves the issue to a status, regardless of the workflow. */
  moveTo(key: string, statusName: string): void {
    const issue = this.issue(key);
    const status = this.status(issue.project, statusName);
    this.#remember(issue, 'Status', issue.status.name, status.name);
    if (status.category !== issue.status.category) {
      issue.categoryChangedMs = this.now();
    }
    issue.status = status;
    issue.statusChangedMs = this.now();
    this.#askApproval(issue);
    this.touch(issue);
  }

  /** The transitions that an account is currently offered. */
  transitions(issue: Issue): readonly Transition[] {
    const { permissions, hiddenTransitions } = this.behaviour;
    if (!permissions.transition) {
      return [];
    }
    return transitionsFrom(issue.project.workflow, issue.status.name).filter(
      (one) => ![one.id, one.name, one.to].some((name) => hiddenTransitions.includes(name)),
    );
  }

  /**
   * Sets a field by id or name: a Date is converted to Jira's text, null unsets the field, anything else is
   * stored unchanged.
   */
  setField(key: string, idOrName: string, value: unknown): void {
    this.setValue(this.issue(key), this.field(idOrName).id, this.#stored(value));
  }

  editSummary(key: string, summary: string): void {
    this.setValue(this.issue(key), 'summary', summary);
  }

  setValue(issue: Issue, fieldId: string, value: unknown): void {
    const name = this.fields.find((one) => one.id === fieldId)?.name ?? fieldId;
    this.#remember(issue, name, shownValue(issue.values.get(fieldId)), shownValue(value));
    if (value === undefined || value === null) {
      issue.values.delete(fieldId);
    } else {
      issue.values.set(fieldId, value);
    }
    this.touch(issue);
  }

  /** Replaces the approval with that name, or adds one: always as a further round. */
  setApproval(
    key: string,
    given: {
      name?: string;
      finalDecision?: ApproverDecision;
      approvers: Record<string, ApproverDecision>;
      furtherRound?: boolean;
    },
  ): Approval {
    const issue = this.issue(key);
    const name = given.name ?? 'Waiting for approval';
    const finalDecision = given.finalDecision ?? 'pending';
    const approval: Approval = {
      id: String(issue.approvals.length + 1),
      name,
      finalDecision,
      approvers: Object.entries(given.approvers).map(([who, decision]) => ({
        approver: this.account(who),
        decision,
      })),
      createdMs: this.now(),
      completedMs: finalDecision === 'pending' ? undefined : this.now(),
    };
    const place = given.furtherRound === true ? -1 : issue.approvals.findIndex((one) => one.name === name);
    issue.approvals.splice(place < 0 ? issue.approvals.length : place, place < 0 ? 0 : 1, approval);
    this.touch(issue);
    return approval;
  }

  /**
   * Records the decision of one approver on the pending approval. When all have approved, or one has
   * declined, the approval is final, and the issue takes the transition named Approve or Decline if its
   * status has one.
   */
  decide(key: string, who: string, decision: 'approved' | 'declined'): void {
    const issue = this.issue(key);
    const approval = issue.approvals.find((one) => one.finalDecision === 'pending');
    const approver = approval?.approvers.find((one) => one.approver === this.account(who));
    if (approval === undefined || approver === undefined) {
      throw new Error(`${who} has nothing to decide on ${key}`);
    }
    this.#remember(issue, `Approval of ${who}`, approver.decision, decision);
    approver.decision = decision;
    const open = approval.approvers.some((one) => one.decision === 'pending');
    if (decision === 'declined' || !open) {
      approval.finalDecision = decision;
      approval.completedMs = this.now();
      const name = decision === 'approved' ? 'Approve' : 'Decline';
      const step = transitionsFrom(issue.project.workflow, issue.status.name).find(
        (one) => one.name === name,
      );
      if (step !== undefined) {
        this.moveTo(key, step.to);
      }
    }
    this.touch(issue);
  }

  addComment(issue: Issue, author: Account, body: string, isPublic: boolean): Comment {
    this.#lastId += 1;
    const comment = { id: String(this.#lastId), body, public: isPublic, author, createdMs: this.now() };
    issue.comments.push(comment);
    this.touch(issue);
    return comment;
  }

  /** Moves the issue to another project: it gets a new key, and can still be read under the old one. */
  moveIssueToProject(key: string, projectKey: string): string {
    const issue = this.issue(key);
    const project = this.project(projectKey);
    project.lastNumber += 1;
    issue.project = project;
    issue.key = `${project.key}-${project.lastNumber}`;
    this.#byKey.set(issue.key, issue);
    this.touch(issue);
    return issue.key;
  }

  changeType(key: string, typeName: string): void {
    const issue = this.issue(key);
    const type = issue.project.issueTypes.find((one) => one.name === typeName);
    if (type === undefined) {
      throw new Error(`the sandbox has no issue type ${typeName}`);
    }
    issue.issueTypeId = type.id;
    this.touch(issue);
  }

  /** Adds a field to every screen, as an administrator would. */
  addField(field: FieldDefinition): void {
    this.fields.push(field);
    this.#forgetAnswers();
  }

  renameField(idOrName: string, name: string): void {
    const field = this.field(idOrName);
    this.fields.splice(this.fields.indexOf(field), 1, { ...field, name });
    this.#forgetAnswers();
  }

  /** Removes fields (id or name) from every screen, and restores all others. */
  hideFields(...hidden: string[]): void {
    this.behaviour.hiddenFields = hidden;
    this.#forgetAnswers();
  }

  remove(key: string): void {
    const issue = this.issue(key);
    issue.removed = true;
    this.touch(issue);
  }

  /**
   * Runs an act once the site's clock has passed `atMs`: at the next request, but as if it had happened on
   * time.
   */
  at(atMs: number, act: (model: ChangeModel) => void): void {
    this.#schedule.add(atMs, act);
  }

  /** Runs an act that much after now; see {@link at}. */
  after(delayMs: number, act: (model: ChangeModel) => void): void {
    this.#schedule.add(this.now() + delayMs, act);
  }

  /** Moves the issue through statuses, each at its own delay from now, as its approvers would. */
  follow(key: string, steps: readonly (readonly [delayMs: number, statusName: string])[]): void {
    for (const [delayMs, statusName] of steps) {
      this.after(delayMs, (later) => later.moveTo(key, statusName));
    }
  }

  /** Runs the acts that are due. Every access to the site begins with this. */
  catchUp(): void {
    if (this.#actMs !== undefined) {
      return;
    }
    const nowMs = this.clock.now();
    if (this.#schedule.nextAtMs > nowMs) {
      return;
    }
    try {
      for (let event = this.#schedule.take(nowMs); event !== undefined; event = this.#schedule.take(nowMs)) {
        this.#actMs = event.atMs;
        event.run(this);
      }
    } finally {
      this.#actMs = undefined;
    }
  }

  /** Records a change: cached answers become invalid, and the index is updated after its lag. */
  touch(issue: Issue): void {
    issue.updatedMs = this.now();
    issue.revision += 1;
    issue.answers.clear();
    indexIssue(issue, issue.updatedMs, this.behaviour.indexLagMs, this.random);
  }

  #remember(issue: Issue, what: string, from: string, to: string): void {
    if (from !== to) issue.history.push({ atMs: this.now(), what, from, to });
  }

  #forgetAnswers(): void {
    for (const issue of this.#issues) issue.answers.clear();
  }

  #askApproval(issue: Issue): void {
    const approvers = issue.project.approvals[issue.status.name];
    if (approvers === undefined) {
      return;
    }
    issue.approvals.push({
      id: String(issue.approvals.length + 1),
      name: issue.status.name,
      finalDecision: 'pending',
      approvers: approvers.map((who) => ({ approver: this.account(who), decision: 'pending' })),
      createdMs: this.now(),
      completedMs: undefined,
    });
  }

  #stored(value: unknown): unknown {
    return value instanceof Date ? jiraDate(value.getTime(), this.timeZone) : value;
  }
}

function shownValue(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isNamed(field: FieldDefinition, names: readonly string[]): boolean {
  return names.includes(field.id) || names.includes(field.name);
}

/** Returns the options that are switches, without those that are not given. */
function switchesOf(options: ModelOptions): BehaviourOptions {
  const { flavour, clock, seed, baseUrl, projects, dateFields, fields, timeZone, onCreate, ...switches } =
    options;
  return switches;
}
