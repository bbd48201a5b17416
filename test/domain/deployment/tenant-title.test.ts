import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeploymentFacts } from '../../../src/domain/deployment/deployment-facts.ts';
import { namesTenant } from '../../../src/domain/deployment/tenant-title.ts';
import { deploymentTitle } from '../../../src/domain/deployment/title.ts';

const facts: DeploymentFacts = {
  project: 'Web Site',
  release: '1.0.1',
  environment: 'Production',
  runbook: '',
  isRunbookRun: false,
  tenant: 'Acme',
  tenantTags: '',
  requester: '',
  taskUrl: '',
  error: '',
};

describe('the title of one tenant', () => {
  it.each([
    ['Deploy Web Site 1.0.1 to Production for Acme', 'Acme', true],
    ['ACME: Web Site', 'Acme', true],
    ['Web Site (acme)', 'Acme', true],
    ['Octopus: Deploy "Web Site" version 1.0.1 to "Production" for "Acme"', 'Acme', true],
    ['Web Site for Acme  Corp', 'acme corp', true],
    ['Octopus: Deploy "Web Site" version 1.0.1 to "Production"', 'Acme', false],
    ['Deploy for Acmeville', 'Acme', false],
    ['Deploy for NewAcme', 'Acme', false],
    ['Deploy for Acme2', 'Acme', false],
    ['Octopus: Deploy "Web Site" version 1.0.1 to "Production"', 'Web', false],
    ['Release of Web Site to Production', 'Site', false],
    ['Release of Web Site to Production', 'Production', false],
    ['Release of Web Site for the tenant Site', 'Site', true],
    ['Deploy for Acme', '', false],
    ['Deploy für 変更', '変更', true],
    ['Deploy for Acme.com', 'Acme.', true],
  ])('[V2] "%s" names the tenant "%s": %s', (title, tenant, named) => {
    expect(namesTenant(title, { ...facts, tenant })).toBe(named);
  });

  it.each([
    [
      'a name that begins another name',
      { project: 'Acme for', environment: 'Acme for Acme' },
      'Run Acme for Acme',
    ],
    ['its combination with a release', { release: '2' }, 'Deploy for Acme2'],
  ])('[V2] does not name the tenant by %s', (_what, names, title) => {
    expect(namesTenant(title, { ...facts, ...names })).toBe(false);
  });

  it('[V2] the default title never names a tenant regardless of the names', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 .-]{0,8}$/);
    fc.assert(
      fc.property(name, name, name, name, (project, release, environment, tenant) => {
        const all = { ...facts, project, release, environment, tenant };
        expect(namesTenant(deploymentTitle(all), all)).toBe(false);
      }),
    );
  });
});
