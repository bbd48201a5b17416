import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseUrlFault, rootOf, trimBaseUrl } from '../../src/domain/base-url.ts';

describe('the root URL of a site', () => {
  it.each([
    'https://acme.atlassian.net',
    'https://acme.atlassian.net/',
    ' https://jira.acme.example:8443/jira ',
    'HTTPS://ACME.example',
    'https://10.0.0.7/jira/',
    'https://[2001:db8::7]',
    'https://acme.example/browser',
    'https://api.atlassian.com.acme.example',
    'https://jira-api.atlassian.com',
    'http://localhost:8080',
    'http://127.0.0.1:2990/jira',
    'http://127.255.0.9',
    'http://[::1]:8080',
  ])('[X2] accepts %s', (value) => {
    expect(baseUrlFault(value)).toBeUndefined();
  });

  it.each([
    'http://acme.atlassian.net',
    'http://10.0.0.7',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://notlocalhost',
    'http://jira.localhost/jira',
    'http://0.0.0.0',
    'http://[::2]',
  ])('[X2] rejects %s because it uses plain http', (value) => {
    expect(baseUrlFault(value)).toMatch(/begins with https/);
  });

  it.each([
    '',
    'acme.atlassian.net',
    'ftp://acme.atlassian.net',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://',
    'https://acme .example',
    'https://acme.example/a b',
    'https://acme.example/\npath',
    'https://user:secret@acme.example',
    'https://user@acme.example',
    'https://:secret@acme.example',
    'https://acme.example?x=1',
    'https://acme.example/jira#top',
    'https://acme.example/?',
    'https://acme.atlassian.net/browse/CHG-12',
    'https://acme.atlassian.net/browse',
    'https://acme.example/jira/rest/api/2',
    'https://acme.atlassian.net/servicedesk/customer/portal/3',
  ])('[X2] rejects %j', (value) => {
    expect(baseUrlFault(value)).toBeTypeOf('string');
  });

  it('[X2] accepts only https and loopback hosts, and never quotes the value in a fault', () => {
    const hosts = fc.constantFrom('localhost', '127.0.0.1', 'acme.example', '[::1]', '10.1.1.1');
    const urls = fc
      .tuple(
        fc.constantFrom('http://', 'https://', 'ftp://', ''),
        fc.string({ maxLength: 6 }),
        hosts,
        fc.string(),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(urls, (value) => {
        const fault = baseUrlFault(value);
        if (fault !== undefined) {
          expect(fault).toMatch(/^Expected [A-Za-z ,;.]*$/);
          return;
        }
        const url = new URL(value.trim());
        const isLoopback = ['localhost', '[::1]'].includes(url.hostname) || url.hostname.startsWith('127.');
        expect(url.protocol === 'https:' || isLoopback).toBe(true);
        expect([url.username, url.password, url.search, url.hash]).toEqual(['', '', '', '']);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    'https://api.atlassian.com/ex/jira/2bbc6974-df19-4608-a10c-cc3bc207239d',
    'https://API.atlassian.com',
  ])('[M2] rejects the URL of the API gateway, and asks for the URL of the site: %s', (value) => {
    expect(baseUrlFault(value)).toMatch(
      /URL of the Jira site itself, such as https:\/\/acme\.atlassian\.net/,
    );
  });

  it.each([
    ['https://acme.example', 'https://acme.example'],
    [' https://acme.example// ', 'https://acme.example'],
    ['https://acme.example/jira/', 'https://acme.example/jira'],
  ])('trims the trailing slashes of "%s" to %s', (value, trimmed) => {
    expect(trimBaseUrl(value)).toBe(trimmed);
  });

  it.each([
    ['https://acme.example/', 'https://acme.example'],
    ['https://acme.example:8443/jira//', 'https://acme.example:8443/jira'],
  ])('is that of "%s" with its port and path, as %s', (value, root) => {
    expect(rootOf(new URL(value))).toBe(root);
  });
});
