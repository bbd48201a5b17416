import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { describe, expect, it } from 'vitest';
import { billOfMaterials } from '../../scripts/bill-of-materials.ts';
import { bundledPackages, licenseTexts } from '../../scripts/bundled-packages.ts';
import { releaseFiles, releaseNotes } from '../../scripts/release/release-files.ts';
import { stepTemplate } from '../../scripts/step-template.ts';

const root = new URL('../../', import.meta.url);
const digest = 'ab'.repeat(32);

describe('The bill of materials', () => {
  const folders = ['node_modules/node-fetch', 'node_modules/yaml'];
  const bom = async (of: readonly string[]) =>
    billOfMaterials('1.0.0', digest, await bundledPackages(root, of));

  it('is valid CycloneDX 1.6', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(await bom(folders))).toBeNull();
    const broken = (await bom(folders)).replace('"library"', '"book"');
    expect(await validator.validate(broken)).not.toBeNull();
  });

  it('lists exactly the packages, with version, licence and digest from the lock file', async () => {
    const { components, metadata } = JSON.parse(await bom(folders));
    const lock = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8')).packages;
    expect(components).toEqual(
      folders.map((folder) => {
        const name = folder.slice('node_modules/'.length);
        const { version, license, integrity } = lock[folder];
        return expect.objectContaining({
          name,
          version,
          purl: `pkg:npm/${name}@${version}`,
          licenses: [{ expression: license }],
          hashes: [
            {
              alg: 'SHA-512',
              content: Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex'),
            },
          ],
        });
      }),
    );
    expect(metadata.component).toMatchObject({
      version: '1.0.0',
      hashes: [{ alg: 'SHA-256', content: digest }],
    });
  });

  it('has the same bytes for the same packages, in any order', async () => {
    expect(await bom([...folders].reverse())).toBe(await bom(folders));
  });
});

describe('The licence texts', () => {
  it('are complete', async () => {
    const texts = licenseTexts(await bundledPackages(root, ['node_modules/yaml']));
    expect(texts).toMatch(/^yaml [\d.]+ \(ISC\)\n-+\n[\s\S]*Permission to use, copy, modify/);
  });

  it('exist for each package in the committed bundle, from its copyright to its disclaimer', () => {
    const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
    const { components } = JSON.parse(read('dist/sbom.cdx.json'));
    const texts = read('dist/licenses.txt').trim().split('\n\n\n');
    expect(texts).toHaveLength(components.length);
    for (const [at, { name, version }] of components.entries()) {
      const text = (texts[at] ?? '').replace(/\s+/g, ' ');
      expect(text.startsWith(`${name} ${version} (`)).toBe(true);
      expect(text).toMatch(/Copyright .*(?:Permission is hereby granted|Permission to use, copy, modify)/);
      expect(text).toMatch(/THE SOFTWARE IS PROVIDED .* SOFTWARE\.$/);
    }
  });

  it('are linked from the templates, which name the packages', () => {
    const { Description } = stepTemplate('bash', 'echo', 1, 'step', [
      { name: 'yaml', license: 'ISC' },
      { name: 'node-fetch', license: 'MIT' },
    ]);
    expect(Description).toContain(
      'Licence: [Apache-2.0](https://www.apache.org/licenses/LICENSE-2.0). The script contains third-party packages: yaml (ISC), node-fetch (MIT). Their licence texts are in `licenses.txt`',
    );
  });

  it('must exist for every package in the bundle', async () => {
    await expect(bundledPackages(root, ['node_modules/data-uri-to-buffer'])).rejects.toThrow(
      /data-uri-to-buffer\/ is in the bundle but has no licence text/,
    );
    await expect(bundledPackages(root, ['node_modules/nothing'])).rejects.toThrow(/lock file lacks/);
  });
});

describe('The notes of a release', () => {
  const changeLog = '# Changes\n\n## 1.0.0\n\n### New\n\n- This.\n\n## 0.9.0 - 2026-01-01\n\n- That.\n';

  it.each([
    ['v1.0.0', '1.0.0', '### New\n\n- This.\n'],
    ['v0.9.0', '0.9.0', '- That.\n'],
  ])('of %s are its section of the change log', (tag, version, notes) => {
    expect(releaseNotes(tag, version, changeLog)).toBe(notes);
  });

  it.each([
    ['v1.0.1', '1.0.0', 'The tag is v1.0.1, but package.json has the version 1.0.0'],
    ['1.0.0', '1.0.0', 'The tag is 1.0.0'],
    ['v1.0', '1.0', 'CHANGELOG.md has no text under "## 1.0"'],
  ])('are refused for the tag %s of version %s', (tag, version, message) => {
    expect(() => releaseNotes(tag, version, changeLog)).toThrow(message);
  });

  it('exist for the version of the product', () => {
    const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
    const { version } = JSON.parse(read('package.json'));
    expect(releaseNotes(`v${version}`, version, read('CHANGELOG.md'))).toContain('### New');
  });
});

describe('The files of a release', () => {
  const built = new Map([
    ['dist/index.js', 'code'],
    ['dist/licenses.txt', 'licences'],
    ['dist/sbom.cdx.json', '{}'],
    ['step-template.json', 'step'],
    ['step-template.powershell.json', 'step for PowerShell'],
    ['resume-template.json', 'resume'],
    ['resume-template.powershell.json', 'resume for PowerShell'],
    ['docs/parameters.md', 'parameters'],
  ]);
  const asBuilt = async (path: string) => built.get(path);

  it('are the templates, the bill of materials and the licences, with their digests and the notes', async () => {
    const files = await releaseFiles('notes\n', built, asBuilt);
    expect([...files.keys()]).toEqual([
      'licenses.txt',
      'sbom.cdx.json',
      'step-template.json',
      'step-template.powershell.json',
      'resume-template.json',
      'resume-template.powershell.json',
      'SHA256SUMS',
      'notes.md',
    ]);
    expect(files.get('notes.md')).toBe('notes\n');
    const sums = (files.get('SHA256SUMS') ?? '').trimEnd().split('\n');
    expect(sums).toHaveLength(6);
    for (const sum of sums) {
      const [hash, name = ''] = sum.split('  ');
      expect(hash).toBe(
        createHash('sha256')
          .update(files.get(name) ?? '')
          .digest('hex'),
      );
    }
  });

  it('are rejected if something else is committed', async () => {
    const committed = async (path: string) => (path === 'dist/index.js' ? 'old code' : built.get(path));
    await expect(releaseFiles('notes\n', built, committed)).rejects.toThrow(
      'These committed files do not match the sources: dist/index.js',
    );
  });
});
