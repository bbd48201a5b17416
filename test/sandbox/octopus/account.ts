/** What a user may do. The names are those of Octopus. */
export type Permission =
  | 'InterruptionView'
  | 'InterruptionViewSubmitResponsible'
  | 'InterruptionSubmit'
  | 'TaskView'
  | 'TaskCancel'
  | 'DeploymentView'
  | 'DeploymentCreate'
  | 'RunbookRunView'
  | 'RunbookRunCreate'
  | 'ArtifactView'
  | 'ProcessView'
  | 'ProcessEdit'
  | 'ActionTemplateView'
  | 'ActionTemplateCreate'
  | 'ActionTemplateEdit';

/** One permission in one space, optionally limited to named projects, environments and tenants. */
export interface Grant {
  readonly permission: Permission;
  readonly spaceId: string;
  readonly projects?: readonly string[];
  readonly environments?: readonly string[];
  readonly tenants?: readonly string[];
}

export interface Team {
  readonly id: string;
  readonly name: string;
  readonly grants: Grant[];
}

export interface User {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly emailAddress: string;
  /** A service account: it has an API key and no other login. */
  readonly isService: boolean;
  readonly teams: Team[];
  /** Permissions in addition to those of its teams. */
  readonly grants: Grant[];
  /** The API key that the user got when it was added. */
  readonly apiKey: string;
}

/** The scope for which a permission is checked: a whole space, or a run in it. */
export interface Subject {
  readonly spaceId: string;
  readonly project?: string | undefined;
  readonly environment?: string | undefined;
  readonly tenant?: string | undefined;
}

function grantsOf(user: User): readonly Grant[] {
  return [...user.grants, ...user.teams.flatMap((team) => team.grants)];
}

export function isMemberOf(user: User, spaceId: string): boolean {
  return grantsOf(user).some((grant) => grant.spaceId === spaceId);
}

/** Returns true if the user has the permission for any part of the space. */
export function holds(user: User, permission: Permission, spaceId: string): boolean {
  return grantsOf(user).some((grant) => grant.permission === permission && grant.spaceId === spaceId);
}

export function may(user: User, permission: Permission, subject: Subject): boolean {
  return grantsOf(user).some((grant) => grant.permission === permission && covers(grant, subject));
}

function covers(grant: Grant, { spaceId, project, environment, tenant }: Subject): boolean {
  const isLimited = grant.projects !== undefined || grant.environments !== undefined;
  return (
    grant.spaceId === spaceId &&
    includes(grant.projects, project) &&
    includes(grant.environments, environment) &&
    // A grant with another limit includes tenants only if it names them.
    (tenant === undefined || (grant.tenants === undefined ? !isLimited : grant.tenants.includes(tenant)))
  );
}

function includes(names: readonly string[] | undefined, name: string | undefined): boolean {
  return names === undefined || (name !== undefined && names.includes(name));
}

export function userJson(user: User): Record<string, unknown> {
  return {
    Id: user.id,
    Username: user.username,
    DisplayName: user.displayName,
    IsActive: true,
    IsService: user.isService,
    EmailAddress: user.emailAddress,
    CanPasswordBeEdited: !user.isService,
    IsRequestor: true,
    Identities: [],
    Links: {
      Self: `/api/users/${user.id}`,
      Permissions: `/api/users/${user.id}/permissions`,
      ApiKeys: `/api/users/${user.id}/apikeys{/id}{?skip,take}`,
    },
  };
}
