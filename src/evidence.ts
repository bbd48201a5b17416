import type { Circumstances } from './app/evidence/change-record.ts';
import { isoOf, rounded } from './app/evidence/look-entries.ts';
import { Trail } from './app/evidence/trail.ts';
import type { TaskLog } from './app/ports.ts';
import type { Outcome } from './domain/decision/outcome.ts';
import type { RunRecord } from './domain/decision/run-record.ts';
import { text } from './domain/text.ts';
import { exitCodeOf } from './ending.ts';
import { browseUrlAt } from './jira/session/api-root.ts';
import { createArtifact } from './octopus/service-message.ts';
import type { LineWriter } from './octopus/task-log.ts';
import type { Variables } from './octopus/variables.ts';
import type { RecordSource, RecordWriter } from './record-files.ts';
import { readEvidenceRecord } from './settings/read-settings.ts';
import type { Operation, Settings } from './settings/settings.ts';
import type { World } from './world.ts';

interface EvidenceOptions {
  readonly world: World;
  readonly operation: Operation;
  readonly variables: Variables;
  readonly redact: (text: string) => string;
  readonly record: RunRecord;
  readonly log: TaskLog;
  readonly out: LineWriter;
}

/** E1: operations that decide, and so leave a record. */
export function isDeciding(operation: Operation): operation is 'Gate' | 'Request' | 'Verify' {
  return operation === 'Gate' || operation === 'Request' || operation === 'Verify';
}

/** E1, E4: the change record of one run. What fails here is a warning, and decides nothing. */
export class Evidence {
  readonly trail: Trail;
  readonly #options: EvidenceOptions;
  #settings: Settings | undefined;
  /** Makes the files; undefined until a record was left. */
  #writer: RecordWriter | undefined;

  constructor(options: EvidenceOptions) {
    this.#options = options;
    this.trail = new Trail(options.redact);
  }

  /** What the run goes by, as soon as it is known. */
  goesBy(settings: Settings): void {
    this.#settings = settings;
    this.trail.mustMention = settings.rules.mustMention;
  }

  /** E4: the digest of the record as it is now, which the record itself contains from then on. */
  async seal(): Promise<string | undefined> {
    if (!this.#isWanted()) return undefined;
    try {
      const writer = await this.#options.world.recordWriter();
      const digest = writer.digest(this.#source());
      this.trail.seal(digest);
      return digest;
    } catch (error) {
      this.#warn(error);
      return undefined;
    }
  }

  /** Leaves both files, as artifacts, of a run that ends so. */
  async leave(outcome: Outcome): Promise<void> {
    const { log, out, world, operation } = this.#options;
    if (!this.#isWanted() || !isDeciding(operation) || outcome.verdict === 'NotRequired') return;
    try {
      this.#writer = await world.recordWriter();
      const { digest, files } = this.#keep(this.#writer, outcome, exitCodeOf(operation, outcome));
      for (const { path, name, bytes } of files) out.write(createArtifact(path, name, bytes));
      const names = files.map(({ name }) => name).join(' and ');
      log.info(text`Change record: ${names}; SHA-256 of the JSON: ${digest}.`);
    } catch (error) {
      this.#warn(error);
    }
  }

  /** Writes the files again, at once, of a run that ends otherwise than it seemed to. */
  correct(outcome: Outcome): void {
    if (this.#writer === undefined) return;
    try {
      const { digest } = this.#keep(this.#writer, outcome, 1);
      this.#options.log.info(text`The change record was written again; SHA-256 of the JSON: ${digest}.`);
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
      const path = this.#options.world.keepFile(fileName, content);
      return { name: fileName, path, bytes: Buffer.byteLength(content) };
    };
    return { digest: jsonSha256, files: [kept(`${name}.json`, json), kept(`${name}.html`, html)] };
  }

  #warn(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#options.log.warning(text`The change record could not be written: ${why}. This decides nothing.`);
  }

  #isWanted(): boolean {
    const { operation, variables } = this.#options;
    return isDeciding(operation) && (this.#settings?.evidenceRecord ?? readEvidenceRecord(variables));
  }

  #source(): RecordSource {
    const { operation, variables, redact, world } = this.#options;
    const { trail } = this;
    return { operation, variables, settings: this.#settings, bundle: world.bundle(), trail, redact };
  }

  #circumstances(exitCode: 0 | 1): Circumstances {
    const { clock } = this.#options.world;
    const { key, source, site } = this.#options.record;
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
