import { sha256 } from '../built-files.ts';

/** A release that must not be made; the message says why. */
export class ReleaseError extends Error {
  override readonly name = 'ReleaseError';
}

/**
 * Returns the notes of a release: its section of the change log.
 *
 * @throws ReleaseError if the tag does not match the version, or the change log lacks the version
 */
export function releaseNotes(tag: string, version: string, changeLog: string): string {
  if (tag !== `v${version}`)
    throw new ReleaseError(`The tag is ${tag}, but package.json has the version ${version}: v${version}`);
  const section = changeLog.split(/^## /m).find((one) => /^\S+/.exec(one)?.[0] === version);
  const notes = section?.slice(section.indexOf('\n')).trim() ?? '';
  if (notes === '') throw new ReleaseError(`CHANGELOG.md has no text under "## ${version}".`);
  return `${notes}\n`;
}

/** Matches the built files that are attached to a release; the group is the name there. */
const attached = /^(?:dist\/)?((?:step|resume)-template.*\.json|sbom\.cdx\.json|licenses\.txt)$/;

/**
 * Returns the files of a release by name: the templates, the bill of materials, the licences, `SHA256SUMS`
 * for these, and `notes.md`.
 *
 * @param committed returns the last committed text of a built file
 * @throws ReleaseError if the committed files do not match the sources
 */
export async function releaseFiles(
  notes: string,
  built: ReadonlyMap<string, string>,
  committed: (path: string) => Promise<string | undefined>,
): Promise<ReadonlyMap<string, string>> {
  const stale: string[] = [];
  for (const [path, text] of built) if ((await committed(path)) !== text) stale.push(path);
  if (stale.length > 0)
    throw new ReleaseError(`These committed files do not match the sources: ${stale.join(', ')}`);
  const files = [...built].flatMap(([path, text]): [string, string][] => {
    const name = attached.exec(path)?.[1];
    return name === undefined ? [] : [[name, text]];
  });
  const sums = files.map(([name, text]) => `${sha256(text)}  ${name}\n`);
  return new Map([...files, ['SHA256SUMS', sums.join('')], ['notes.md', notes]]);
}
