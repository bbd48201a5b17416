/** A script body and the shell that runs it. */
export interface Launcher {
  readonly name: string;
  /** What this machine lacks, in words; undefined if it lacks nothing. */
  readonly missing: string | undefined;
  prepare(): Promise<void>;
  /** Prepares a step with these Octopus variables. */
  open(variables: Readonly<Record<string, string>>): Promise<OpenLauncher>;
}

/** The functions resolve with the ms from start to exit. */
interface OpenLauncher {
  body(): Promise<number>;
  /** The same with an empty body: the start of the engine, and what Octopus does before the body. */
  floor(): Promise<number>;
  close(): Promise<void>;
}
