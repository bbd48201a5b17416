import { foldName } from './change-state.ts';

/** A2: what must hold besides the status. */
export type ApprovalCheck = 'status' | 'approved' | 'other-approver';

/** A person as far as Octopus or Jira shows who it is; what is hidden is empty. */
interface Person {
  readonly email: string;
  /** Of Octopus, or of Jira Data Center; Cloud has none. */
  readonly username: string;
}

export interface Approver extends Person {
  readonly name: string;
  /** `pending`, `approved`, `declined`, or whatever a site may add. */
  readonly decision: string;
}

/** One approval of a change request, as JSM shows it. */
export interface Approval {
  /** Empty if JSM gives none. */
  readonly id: string;
  readonly name: string;
  /** `pending`, `approved`, `declined`, or whatever a site may add. */
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
  /** There is none. */
  | { readonly kind: 'none' }
  /** Some are not decided yet. */
  | { readonly kind: 'undecided'; readonly missing: readonly string[] }
  | { readonly kind: 'declined'; readonly by: readonly string[] }
  /** All are given, but nobody who approved is known to be somebody other than who deploys. */
  | { readonly kind: 'nobody-else'; readonly own: readonly string[]; readonly hidden: readonly string[] };

/** A2: whether the approvals of a change request are what a run requires. */
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

/** A2: nobody can be known to be other than somebody of whom Octopus gives no address. */
export function isDeployerUnknown({ check, deployer }: ApprovalRule): boolean {
  return check === 'other-approver' && deployer !== undefined && !isAddress(deployer.email);
}

/**
 * A2: of approvals with one name the latest counts. Which of two is the later one, their dates say, or else their ids,
 * which grow; where neither does, both count. Those without a name are each of their own.
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
  // A date that is missing compares as NaN.
  if (byDate > 0 || byDate < 0) return byDate > 0;
  return /^\d+$/.test(a.id) && /^\d+$/.test(b.id) && BigInt(a.id) > BigInt(b.id);
}

/** Those of an approval whose decision is this one. */
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

/** The people, or the approval itself if JSM names none. */
function named({ name }: Approval, approvers: readonly Approver[]): readonly string[] {
  return approvers.length === 0 ? [name === '' ? 'somebody' : name] : approvers.map((one) => one.name);
}

/** Known to be somebody else: by an address that both show, and by no equal user name. */
function isOther(approver: Approver, deployer: Person): boolean {
  return isAddress(approver.email) && isAddress(deployer.email) && !isSame(approver, deployer);
}

/** A2: a Data Center may mask addresses (`ann at acme dot example`), which would differ from every other one. */
function isAddress(email: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(email.trim());
}

/** Octopus takes an address as a user name as well, which need not be the one that it gives as the address. */
function isSame(a: Person, b: Person): boolean {
  const known = namesOf(b);
  return namesOf(a).some((name) => known.includes(name));
}

function namesOf({ email, username }: Person): readonly string[] {
  return [email, username].map(foldName).filter((name) => name !== '');
}
