import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import type { BundledPackage } from './bundled-packages.ts';

/**
 * Returns the bill of materials of the bundle in CycloneDX 1.6: the same packages give the same text.
 *
 * @param digest SHA-256 of the bundle, in hexadecimal digits
 */
export function billOfMaterials(
  version: string,
  digest: string,
  packages: readonly BundledPackage[],
): string {
  const bundle = new Models.Component(Enums.ComponentType.Application, 'jsm-change-gate', {
    version,
    bomRef: `jsm-change-gate@${version}`,
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], digest]]),
    licenses: new Models.LicenseRepository([new Models.LicenseExpression('Apache-2.0')]),
  });
  const components = packages.map(component);
  for (const { bomRef } of components) bundle.dependencies.add(bomRef);
  const bom = new Models.Bom({
    metadata: new Models.Metadata({ component: bundle }),
    components: new Models.ComponentRepository(components),
  });
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function component({ name, version, license, integrity }: BundledPackage): Models.Component {
  const [algorithm, hash = ''] = integrity.split('-', 2);
  if (algorithm !== 'sha512' || hash === '') throw new Error(`The lock file has no SHA-512 of ${name}.`);
  return new Models.Component(Enums.ComponentType.Library, name, {
    version,
    bomRef: `${name}@${version}`,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    hashes: new Models.HashDictionary([
      [Enums.HashAlgorithm['SHA-512'], Buffer.from(hash, 'base64').toString('hex')],
    ]),
    licenses: new Models.LicenseRepository([new Models.LicenseExpression(license)]),
  });
}
