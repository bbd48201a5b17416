/** A script body on something that runs it. */
export interface Launcher {
  readonly name: string;
  /** What is missing on this machine, in words; undefined when all is there. */
  readonly missing: string | undefined;
  prepare(): Promise<void>;
  /** A step with these Octopus variables. */
  open(variables: Readonly<Record<string, string>>): Promise<OpenLauncher>;
}

/** Each gives ms from start to exit. */
interface OpenLauncher {
  body(): Promise<number>;
  /** The same with nothing in place of the body: the engine's start, and what Octopus does before the body. */
  floor(): Promise<number>;
  close(): Promise<void>;
}
