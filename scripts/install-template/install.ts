import { asArray, asObject, asText } from '../../src/http/json.ts';
import {
  addTemplate,
  findTemplate,
  type InstalledTemplate,
  isCurrent,
  updateTemplate,
} from './installed-template.ts';
import { type OctopusApi, OctopusApiError } from './octopus-api.ts';
import type { OwnTemplate } from './own-templates.ts';
import { type TemplateUse, updateStep, usesOf } from './template-use.ts';

interface Space {
  readonly id: string;
  readonly name: string;
}

interface Installation {
  readonly api: OctopusApi;
  readonly templates: readonly OwnTemplate[];
  /** The name of a space, or `all`. */
  readonly space: string;
  readonly isDryRun: boolean;
  readonly updatesSteps: boolean;
  /** Receives one line, which may contain text from the server. */
  readonly print: (line: string) => void;
}

/** Counts what was done, or what would be done without the dry run. */
interface Tally {
  added: number;
  updated: number;
  unchanged: number;
  steps: number;
  failed: number;
}

/**
 * Adds or updates each template in each space. If a space or a step fails, the others are still processed.
 * @returns the exit code: 1 if something could not be done
 * @throws OctopusApiError if the spaces cannot be read, or no space has this name
 */
export async function install(installation: Installation): Promise<0 | 1> {
  const { api, isDryRun, print } = installation;
  const spaces = await spacesNamed(api, installation.space);
  const tally: Tally = { added: 0, updated: 0, unchanged: 0, steps: 0, failed: 0 };
  print(`${api.server}${isDryRun ? ' (dry run: nothing is changed)' : ''}`);
  for (const space of spaces) {
    print('');
    print(`Space ${space.name} (${space.id})`);
    for (const own of installation.templates) {
      try {
        await installOne(installation, space, own, tally);
      } catch (error) {
        if (!(error instanceof OctopusApiError)) throw error;
        tally.failed += 1;
        print(`  ${own.Name}: FAILED. ${error.message}`);
      }
    }
  }
  const { added, updated, unchanged, steps, failed } = tally;
  print('');
  print(
    `Templates: ${added} ${isDryRun ? 'to add' : 'added'}, ${updated} ${isDryRun ? 'to update' : 'updated'}, ${unchanged} unchanged. Steps: ${steps} ${isDryRun ? 'to update' : 'updated'}. Failed: ${failed}.`,
  );
  return failed === 0 ? 0 : 1;
}

async function spacesNamed(api: OctopusApi, wanted: string): Promise<readonly Space[]> {
  const answer = asArray(await api.call('GET', '/api/spaces/all'));
  if (answer === undefined) throw new OctopusApiError('The server did not return a list of spaces.');
  const spaces = answer
    .map(asObject)
    .map((space) => ({ id: asText(space?.['Id']) ?? '', name: asText(space?.['Name']) ?? '' }));
  if (spaces.some(({ id }) => id === ''))
    throw new OctopusApiError('The server returned a space without an id.');
  if (spaces.length === 0) throw new OctopusApiError("The key's account has no role in any space.");
  if (wanted.toLowerCase() === 'all') return spaces;
  const named = spaces.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  if (named.length > 0) return named;
  throw new OctopusApiError(
    `The key's account cannot see a space named "${wanted}". It can see: ${spaces.map(({ name }) => name).join(', ')}.`,
  );
}

async function installOne(
  installation: Installation,
  space: Space,
  own: OwnTemplate,
  tally: Tally,
): Promise<void> {
  const { api, isDryRun, print } = installation;
  const before = await findTemplate(api, space.id, own.Name);
  if (before === undefined) {
    const added = isDryRun ? undefined : await addTemplate(api, space.id, own);
    tally.added += 1;
    print(
      `  ${own.Name}: ${added === undefined ? 'to add' : `added as version ${added.version} (${added.id})`}`,
    );
    return;
  }
  const after = await brought(api, isDryRun, space, before, own);
  if (after === before) {
    tally.unchanged += 1;
    print(`  ${own.Name}: unchanged, version ${before.version} (${before.id})`);
  } else {
    tally.updated += 1;
    print(
      `  ${own.Name}: version ${before.version} -> ${after.version} (${after.id}), ${isDryRun ? 'to update' : 'updated'}`,
    );
    if (!isDryRun && !isCurrent(after, own)) {
      print(
        '    Octopus stores this template differently from how it was sent, so every run creates a new version.',
      );
    }
  }
  const uses = await usesOf(api, space.id, after);
  if (uses.length === 0) print('    not used');
  for (const use of uses) await showOrUpdate(installation, space, after, use, own, tally);
}

async function showOrUpdate(
  installation: Installation,
  space: Space,
  installed: InstalledTemplate,
  use: TemplateUse,
  own: OwnTemplate,
  tally: Tally,
): Promise<void> {
  const { isDryRun, updatesSteps, print } = installation;
  const line = `    ${use.place}: version ${Number.isNaN(use.version) ? 'unknown' : use.version}`;
  const isBehind = use.version < installed.version && use.release === undefined;
  if (!isBehind) print(line);
  else if (!updatesSteps) print(`${line} (older: see --update-steps)`);
  else if (isDryRun) {
    tally.steps += 1;
    print(`${line} -> ${installed.version}, to update`);
  } else await bringStep(installation, space, installed, use, own, tally);
}

/** Returns the template as it is after this run, or as it would be without the dry run. */
async function brought(
  api: OctopusApi,
  isDryRun: boolean,
  space: Space,
  before: InstalledTemplate,
  own: OwnTemplate,
): Promise<InstalledTemplate> {
  if (isCurrent(before, own)) return before;
  return isDryRun ? { ...before, version: before.version + 1 } : updateTemplate(api, space.id, before, own);
}

async function bringStep(
  { api, print }: Installation,
  space: Space,
  installed: InstalledTemplate,
  use: TemplateUse,
  own: OwnTemplate,
  tally: Tally,
): Promise<void> {
  const line = (text: string): void => print(`    ${use.place}: version ${use.version}${text}`);
  try {
    const update = await updateStep(api, space.id, installed, use, own);
    if (update.kind === 'updated') {
      tally.steps += 1;
      const { empty } = update;
      line(
        ` -> ${installed.version}, updated${empty.length > 0 ? `; new parameters set to their defaults: ${empty.join(', ')}` : ''}`,
      );
    } else {
      tally.failed += 1;
      line(`, NOT UPDATED: ${update.why}`);
    }
  } catch (error) {
    if (!(error instanceof OctopusApiError)) throw error;
    tally.failed += 1;
    line(`, NOT UPDATED. ${error.message}`);
  }
}
