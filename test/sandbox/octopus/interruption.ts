import { may, type Team, type User } from './account.ts';
import type { OctopusBehaviour } from './behaviour.ts';
import { time } from './page.ts';
import { relatedIds, subjectOf } from './run.ts';
import type { Task } from './task.ts';

export type InterruptionType =
  | 'ManualIntervention'
  | 'GuidedFailure'
  | 'PullRequestCompletion'
  | 'ArgoCDApplicationSync'
  | 'KubernetesResourceVerification';

export type Verdict = 'Proceed' | 'Abort';
export type Guidance = 'Fail' | 'Retry' | 'Ignore' | 'Exclude';

export interface Answer {
  readonly given: Verdict | Guidance;
  readonly notes: string;
  readonly by: User;
  readonly atMs: number;
}

/** A question that somebody has to answer before a task continues. */
export interface Interruption {
  readonly id: string;
  readonly task: Task;
  readonly title: string;
  readonly type: InterruptionType;
  readonly createdMs: number;
  readonly instructions: string;
  /** Empty: anybody who may deploy the project. */
  readonly responsibleTeams: readonly Team[];
  readonly isLinkedToOther: boolean;
  /** The possible answers to a guided failure. */
  readonly guidance: readonly Guidance[];
  responsible: User | undefined;
  answer: Answer | undefined;
  /** Called once, when the interruption is answered. */
  readonly onAnswer: (answer: Answer) => void;
}

/** Returns true if the interruption was neither answered nor dropped with its task. */
export function isPending(interruption: Interruption): boolean {
  return interruption.task.interruptions.includes(interruption);
}

export function canTakeResponsibility(
  interruption: Interruption,
  user: User,
  { submitOverridesTeams }: OctopusBehaviour,
): boolean {
  if (!isPending(interruption)) return false;
  const { task, responsibleTeams } = interruption;
  const subject = subjectOf(task.run);
  const isOfTeam = responsibleTeams.some((team) => user.teams.includes(team));
  if (may(user, 'InterruptionSubmit', subject) && (submitOverridesTeams || isOfTeam)) return true;
  return responsibleTeams.length === 0
    ? may(user, task.run.runbook === undefined ? 'DeploymentCreate' : 'RunbookRunCreate', subject)
    : isOfTeam && may(user, 'InterruptionViewSubmitResponsible', subject);
}

/** Returns the resource as this user receives it. */
export function interruptionJson(
  interruption: Interruption,
  user: User,
  behaviour: OctopusBehaviour,
): Record<string, unknown> {
  const { id, task, title, type, createdMs, responsible, responsibleTeams } = interruption;
  const self = `/api/${task.run.spaceId}/interruptions/${id}`;
  return {
    Id: id,
    SpaceId: task.run.spaceId,
    Title: title,
    ...(behaviour.givesTypes && { Type: type }),
    Created: time(createdMs),
    IsPending: isPending(interruption),
    TaskId: task.id,
    CorrelationId: `${task.id}_STANDIN/${id.toLowerCase()}`,
    RelatedDocumentIds: relatedIds(task.run),
    ResponsibleTeamIds: responsibleTeams.map((team) => team.id),
    ResponsibleUserId: responsible?.id ?? null,
    CanTakeResponsibility: canTakeResponsibility(interruption, user, behaviour),
    HasResponsibility: responsible === user,
    IsLinkedToOtherInterruption: interruption.isLinkedToOther,
    PullRequests: [],
    Form: type === 'GuidedFailure' ? guidanceForm(interruption) : interventionForm(interruption),
    Links: { Self: self, Submit: `${self}/submit`, Responsible: `${self}/responsible` },
  };
}

function element(name: string, control: Record<string, unknown>): Record<string, unknown> {
  return { Name: name, Control: control, IsValueRequired: false };
}

function buttons(...values: string[]): Record<string, unknown> {
  return {
    Type: 'SubmitButtonGroup',
    Buttons: values.map((value) => ({ Text: value, Value: value, RequiresConfirmation: value === 'Abort' })),
  };
}

function interventionForm({ instructions, answer }: Interruption): Record<string, unknown> {
  return {
    Values: { Instructions: null, Notes: answer?.notes ?? null, Result: answer?.given ?? null },
    Elements: [
      element('Instructions', { Type: 'Paragraph', Text: instructions, ResolveLinks: false }),
      element('Notes', { Type: 'TextArea', Label: 'Notes' }),
      element('Result', buttons('Proceed', 'Abort')),
    ],
  };
}

function guidanceForm({ instructions, guidance, answer }: Interruption): Record<string, unknown> {
  return {
    Values: { Notes: answer?.notes ?? null, Guidance: answer?.given ?? null },
    Elements: [
      element('Instructions', { Type: 'Paragraph', Text: instructions, ResolveLinks: false }),
      element('Notes', { Type: 'TextArea', Label: 'Notes' }),
      element('Guidance', buttons(...guidance)),
    ],
  };
}
