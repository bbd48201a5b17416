import type { Circumstances } from './app/evidence/change-record.ts';
import { isoOf, rounded } from './app/evidence/read-entries.ts';
import { Trail } from './app/evidence/trail.ts';
import type { Outcome } from './domain/decision/outcome.ts';
import { isDeciding, type Operation } from './domain/operation.ts';
import { text } from './domain/text.ts';
import { exitCodeOf } from './ending.ts';
import { browseUrlAt } from './jira/session/api-root.ts';
import { createArtifact } from './octopus/service-message.ts';
import type { RecordSource, RecordWriter } from './record-files.ts';
import { readEvidenceRecord } from './settings/read-settings.ts';
import type { Settings } from './settings/settings.ts';
import type { RunTools, World } from './world.ts';

/** E1, E4: the change record of one run. A failure to write it is a warning, and decides nothing. */
export class Evidence {
  readonly trail: Trail;
  readonly #world: World;
  readonly #operation: Operation;
  readonly #tools: RunTools;
  #settings: Settings | undefined;
  /** Makes the record's files; undefined until `leave` has loaded it. */
  #writer: RecordWriter | undefined;

  constructor(world: World, operation: Operation, tools: RunTools) {
    this.#world = world;
    this.#operation = operation;
    this.#tools = tools;
    this.trail = new Trail(tools.secrets.redact);
  }

  /** Sets the run's settings, as soon as they are known. */
  goesBy(settings: Settings): void {
    this.#settings = settings;
    this.trail.mustMention = settings.rules.mustMention;
  }

  /** E4: returns the digest of the record so far; from then on the record itself contains this digest. */
  async seal(): Promise<string | undefined> {
    if (!this.#isWanted()) return undefined;
    try {
      const writer = await this.#world.recordWriter();
      const digest = writer.digest(this.#source());
      this.trail.seal(digest);
      return digest;
    } catch (error) {
      this.#warn(error);
      return undefined;
    }
  }

  /** Writes both files of a run that ends with this outcome, as artifacts. */
  async leave(outcome: Outcome): Promise<void> {
    const { log, out } = this.#tools;
    const operation = this.#operation;
    if (!this.#isWanted() || !isDeciding(operation) || outcome.verdict === 'NotRequired') return;
    try {
      this.#writer = await this.#world.recordWriter();
      const { digest, files } = this.#keep(this.#writer, outcome, exitCodeOf(operation, outcome));
      for (const { path, name, bytes } of files) out.write(createArtifact(path, name, bytes));
      const names = files.map(({ name }) => name).join(' and ');
      log.info(text`Change record: ${names}; SHA-256 of the JSON: ${digest}.`);
    } catch (error) {
      this.#warn(error);
    }
  }

  /** Rewrites the files if the run ends with another outcome. Synchronous: the process may be exiting. */
  correct(outcome: Outcome): void {
    if (this.#writer === undefined) return;
    try {
      const { digest } = this.#keep(this.#writer, outcome, 1);
      this.#tools.log.info(text`The change record was written again; SHA-256 of the JSON: ${digest}.`);
    } catch (error) {
      this.#warn(error);
    }
  }

  #keep(writer: RecordWriter, outcome: Outcome, exitCode: 0 | 1) {
    const { name, json, html, jsonSha256 } = writer.files(
      this.#source(),
      outcome,
      this.#circumstances(exitCode),
    );
    const kept = (fileName: string, content: string) => {
      const path = this.#world.keepFile(fileName, content);
      return { name: fileName, path, bytes: Buffer.byteLength(content) };
    };
    return { digest: jsonSha256, files: [kept(`${name}.json`, json), kept(`${name}.html`, html)] };
  }

  #warn(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#tools.log.warning(
      text`The change record could not be written: ${why}. This does not affect the decision.`,
    );
  }

  #isWanted(): boolean {
    return (
      isDeciding(this.#operation) &&
      (this.#settings?.evidenceRecord ?? readEvidenceRecord(this.#tools.variables))
    );
  }

  #source(): RecordSource {
    const { variables, secrets } = this.#tools;
    return {
      operation: this.#operation,
      variables,
      settings: this.#settings,
      bundle: this.#world.bundle(),
      trail: this.trail,
      redact: secrets.redact,
    };
  }

  #circumstances(exitCode: 0 | 1): Circumstances {
    const { clock } = this.#world;
    const { key, source, site } = this.#tools.record;
    return {
      at: isoOf(clock.wallTime()) ?? '',
      uptimeMs: rounded(clock.now()),
      exitCode,
      approvals: key === undefined ? null : (this.trail.approvalsOf(key) ?? null),
      changeRequest:
        key === undefined
          ? null
          : {
              key,
              url: site === undefined ? null : browseUrlAt(site, key).href,
              source: source ?? 'Matched',
            },
    };
  }
}
