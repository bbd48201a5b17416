import type { Grant, Permission, Team, User } from './account.ts';
import type { Named, Run } from './run.ts';

export interface Space extends Named {
  readonly slug: string;
}

/** A permission, optionally limited to a part of the space. */
export type GrantOption =
  | Permission
  | (Pick<Grant, 'permission'> & Partial<Pick<Grant, 'projects' | 'environments' | 'tenants'>>);

export interface UserOptions {
  readonly username: string;
  readonly displayName?: string;
  readonly emailAddress?: string;
  readonly isService?: boolean;
  /** Names of teams; a missing team is added without permissions. */
  readonly teams?: readonly string[];
  readonly permissions?: readonly GrantOption[];
  /** The space of the permissions; the default space if undefined. */
  readonly space?: Space;
  readonly apiKey?: string;
}

/** Everything that the server knows by name: spaces, teams, users with their keys, projects, environments. */
export class Directory {
  readonly spaces: Space[] = [];
  readonly teams: Team[] = [];
  readonly users: User[] = [];
  readonly keys = new Map<string, User>();
  /** Users by bearer token. */
  readonly accessTokens = new Map<string, User>();
  readonly #counts = new Map<string, number>();
  readonly #named = new Map<string, Named>();

  constructor() {
    this.addSpace('Default');
  }

  get defaultSpace(): Space {
    const [first] = this.spaces;
    if (first === undefined) throw new Error('There is no space.');
    return first;
  }

  addSpace(name: string): Space {
    const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const space = { id: this.nextId('Spaces'), name, slug };
    this.spaces.push(space);
    return space;
  }

  /** Returns the team with this name, and adds it if it is missing. */
  team(name: string): Team {
    const known = this.teams.find((team) => team.name === name);
    if (known !== undefined) return known;
    const team = { id: this.nextId('Teams'), name, grants: [] };
    this.teams.push(team);
    return team;
  }

  addUser(options: UserOptions): User {
    const { username, space = this.defaultSpace } = options;
    const id = this.nextId('Users');
    const user: User = {
      id,
      username,
      displayName: options.displayName ?? username,
      emailAddress: options.emailAddress ?? `${username}@acme.example`,
      isService: options.isService ?? false,
      teams: (options.teams ?? []).map((name) => this.team(name)),
      grants: (options.permissions ?? []).map((grant) => ({
        ...(typeof grant === 'string' ? { permission: grant } : grant),
        spaceId: space.id,
      })),
      apiKey:
        options.apiKey ?? `API-STANDIN${username.toUpperCase().replace(/[^A-Z0-9]/g, '')}${id.slice(6)}`,
    };
    this.users.push(user);
    this.keys.set(user.apiKey, user);
    return user;
  }

  /** Returns the project, environment or similar with this name; the same object each time. */
  named(kind: string, space: Space, name: string): Named {
    const key = JSON.stringify([kind, space.id, name]);
    const known = this.#named.get(key) ?? { id: this.nextId(kind), name };
    this.#named.set(key, known);
    return known;
  }

  spaceOf({ spaceId }: Run): Space {
    return this.spaces.find((space) => space.id === spaceId) ?? this.defaultSpace;
  }

  nextId(kind: string): string {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return `${kind}-${count}`;
  }
}
