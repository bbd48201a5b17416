import { foldName } from '../names.ts';

/** A2: what is required in addition to the status. */
export type ApprovalCheck = 'status' | 'approved' | 'other-approver';

/** A person, as far as Octopus or Jira shows who it is; hidden parts are empty. */
interface Person {
  readonly email: string;
  /** The user name at Octopus or Jira Data Center; Jira Cloud has none. */
  readonly username: string;
}

export interface Approver extends Person {
  readonly name: string;
  /** `pending`, `approved`, `declined`, or another value that a site may add. */
  readonly decision: string;
}

/** One approval of a change request, as JSM returns it. */
export interface Approval {
  /** Empty if JSM returns none. */
  readonly id: string;
  readonly name: string;
  /** `pending`, `approved`, `declined`, or another value that a site may add. */
  readonly finalDecision: string;
  readonly approvers: readonly Approver[];
  readonly created: Date | undefined;
  /** When it was decided. */
  readonly completed: Date | undefined;
}

/** A2: what a run requires of the approvals. */
export interface ApprovalRule {
  readonly check: ApprovalCheck;
  /** Who deploys. Undefined: a trigger started the run, so there is nobody to exclude. */
  readonly deployer: Person | undefined;
}

export type ApprovalVerdict =
  | { readonly kind: 'holds' }
  /** There are no approvals. */
  | { readonly kind: 'none' }
  /** Some approvals are not decided yet. */
  | { readonly kind: 'undecided'; readonly missing: readonly string[] }
  | { readonly kind: 'declined'; readonly by: readonly string[] }
  /** All approvals are given, but nobody who approved is known to be other than the person who deploys. */
  | { readonly kind: 'nobody-else'; readonly own: readonly string[]; readonly hidden: readonly string[] };

/** A2: compares the approvals of a change request with what a run requires. */
export function checkApprovals(
  approvals: readonly Approval[],
  { check, deployer }: ApprovalRule,
): ApprovalVerdict {
  if (check === 'status') return { kind: 'holds' };
  const valid = latestApprovals(approvals);
  if (valid.length === 0) return { kind: 'none' };
  const declined = valid.filter(({ finalDecision }) => finalDecision === 'declined');
  if (declined.length > 0) return { kind: 'declined', by: declined.flatMap(decliners) };
  const undecided = valid.filter(({ finalDecision }) => finalDecision !== 'approved');
  if (undecided.length > 0) return { kind: 'undecided', missing: undecided.flatMap(pendingNames) };
  if (check === 'approved') return { kind: 'holds' };
  const approvers = valid.flatMap((approval) => deciders(approval, 'approved'));
  const isElse = (approver: Approver): boolean => deployer === undefined || isOther(approver, deployer);
  if (approvers.some(isElse)) return { kind: 'holds' };
  const own = approvers.filter((approver) => deployer !== undefined && isSame(approver, deployer));
  const hidden = approvers.filter((approver) => !own.includes(approver));
  return { kind: 'nobody-else', own: own.map(({ name }) => name), hidden: hidden.map(({ name }) => name) };
}

/**
 * A2: whether Octopus gives no address of the person who deploys although another approver is required:
 * nobody can then be known to be somebody else.
 */
export function isDeployerUnknown({ check, deployer }: ApprovalRule): boolean {
  return check === 'other-approver' && deployer !== undefined && !isAddress(deployer.email);
}

/**
 * A2: returns the approvals that count. Of approvals with the same name, only the latest counts, by its date
 * or else by its id, since ids increase; if neither shows which is later, both count. Approvals without a
 * name always count.
 */
export function latestApprovals(approvals: readonly Approval[]): readonly Approval[] {
  return approvals.filter(
    (one) =>
      !approvals.some(
        (other) =>
          foldName(one.name) !== '' && foldName(other.name) === foldName(one.name) && isLater(other, one),
      ),
  );
}

function isLater(a: Approval, b: Approval): boolean {
  const byDate = (a.created?.getTime() ?? Number.NaN) - (b.created?.getTime() ?? Number.NaN);
  // With a missing date, the difference is NaN.
  if (byDate > 0 || byDate < 0) return byDate > 0;
  return /^\d+$/.test(a.id) && /^\d+$/.test(b.id) && BigInt(a.id) > BigInt(b.id);
}

/** Returns the approvers who made this decision. */
function deciders({ approvers }: Approval, decision: string): readonly Approver[] {
  return approvers.filter((approver) => approver.decision === decision);
}

function decliners(approval: Approval): readonly string[] {
  return named(approval, deciders(approval, 'declined'));
}

function pendingNames(approval: Approval): readonly string[] {
  return named(
    approval,
    approval.approvers.filter(({ decision }) => decision !== 'approved' && decision !== 'declined'),
  );
}

/** Returns the names of the approvers, or that of the approval if JSM names none. */
function named({ name }: Approval, approvers: readonly Approver[]): readonly string[] {
  return approvers.length === 0 ? [name === '' ? 'somebody' : name] : approvers.map((one) => one.name);
}

/** Whether an approver is known to be somebody else: both addresses are visible, and no name is the same. */
function isOther(approver: Approver, deployer: Person): boolean {
  return isAddress(approver.email) && isAddress(deployer.email) && !isSame(approver, deployer);
}

/**
 * A2: whether this is a real address. Data Center may mask addresses (`ann at acme dot example`), and a
 * masked one would differ from every other address.
 */
function isAddress(email: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(email.trim());
}

/** Octopus also accepts an address as the user name, and it may differ from the user's own address. */
function isSame(a: Person, b: Person): boolean {
  const known = namesOf(b);
  return namesOf(a).some((name) => known.includes(name));
}

function namesOf({ email, username }: Person): readonly string[] {
  return [email, username].map(foldName).filter((name) => name !== '');
}
