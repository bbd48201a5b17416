import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '../../src/policy/load.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { describeProblem, type PolicyProblem } from '../../src/policy/problem.ts';
import { resolvePolicy } from '../../src/policy/resolve.ts';
import { examplePolicy, policyWith } from './example.ts';

async function policyOf(text: string): Promise<Policy> {
  const result = await loadPolicy(text);
  if (!result.ok) throw new Error(result.problems.map(describeProblem).join('\n'));
  return result.policy;
}

async function problemsOf(text: string): Promise<readonly PolicyProblem[]> {
  const result = await loadPolicy(text);
  return result.ok ? [] : result.problems;
}

/** The only problem, as `line path: message`. */
async function problemOf(text: string): Promise<string> {
  const problems = await problemsOf(text);
  expect(problems.map(describeProblem)).toHaveLength(1);
  return problems.map(({ line, path, message }) => `${line} ${path}: ${message}`).join();
}

describe('a policy without problems', () => {
  it('returns all its values', async () => {
    const connection = {
      name: 'Acme Cloud',
      baseUrl: 'https://acme.atlassian.net',
      username: 'octopus@acme.example',
      tokenVariable: 'JsmChange.Token[Acme Cloud]',
    };
    expect(await policyOf(examplePolicy)).toEqual({
      enabled: true,
      customerComments: 'public',
      unlisted: 'warn',
      connections: [connection],
      projects: [
        {
          name: 'Web Site',
          changeControlled: true,
          connection,
          serviceProject: 'CHG',
          requestType: 'Request a change',
          runbooks: ['Rotate certificates'],
          preApproved: false,
        },
      ],
      environments: [{ name: 'Production', changeControlled: true }],
      states: {
        proceed: ['Implementing'],
        wait: [
          'Review',
          'Preview',
          'Planning',
          'Authorize',
          'Awaiting Implementation',
          'Peer review / change manager approval',
          'Awaiting CAB approval',
        ],
      },
      plannedStart: 'Planned start',
      plannedEnd: 'Planned end',
      requirePlannedEnd: false,
      issueTypes: ['Change'],
      allowedProjects: ['OPS'],
      suppliedMustMention: ['project'],
      approvalCheck: 'status',
    });
  });

  it('[Y2] has enabled and changeControlled true if omitted, and defaults for everything else', async () => {
    const policy = await policyOf(policyWith({ top: '', project: '' }));
    expect(policy).toMatchObject({
      enabled: true,
      customerComments: 'none',
      unlisted: 'warn',
      environments: [{ name: 'Production', changeControlled: true }],
      plannedStart: undefined,
      plannedEnd: undefined,
      requirePlannedEnd: false,
      issueTypes: [],
      allowedProjects: [],
    });
    expect(policy.projects[0]).toMatchObject({
      changeControlled: true,
      requestType: 'Request a change',
      runbooks: [],
      preApproved: false,
      connection: { username: '' },
    });
    expect(policy.states).toEqual((await policyOf(examplePolicy)).states);
  });

  it.each([
    ['with only the version', 'version: 1'],
    ['that is switched off', 'version: 1\nenabled: false\n'],
    ['with a marker before it and after it', '---\nversion: 1\n...\n'],
    ['with Windows line ends and a byte order mark', `\uFEFF${examplePolicy.replaceAll('\n', '\r\n')}`],
    ['as JSON', '{"version": 1, "projects": [{"name": "A", "changeControlled": false}]}'],
    ['with tabs that do not indent', 'version:\t1 #\ta comment\n\t# another\n'],
    ['with an anchor and aliases', policyWith({ top: 'allowedProjects: &keys [OPS]\nissueTypes: *keys' })],
  ])('can be one %s', async (_title, text) => {
    expect(await problemsOf(text)).toEqual([]);
  });

  it("[Y4] trims names, and finds a project's connection in any case", async () => {
    const policy = await policyOf(
      policyWith({ project: '    requestType: " Request  a change "' }).replace(
        'connection: Acme Cloud',
        'connection: "  ACME cloud"',
      ),
    );
    expect(policy.projects[0]).toMatchObject({
      requestType: 'Request  a change',
      connection: { name: 'Acme Cloud' },
    });
  });

  it('[Y4] treats names as different if inner spaces or the encoding of a letter differ', async () => {
    const names = [
      'Web Site',
      'Web  Site',
      'Web\u00a0Site',
      'Caf\u00e9',
      'Cafe\u0301',
      'Stra\u00dfe',
      'Strasse',
    ];
    const entries = names.map((name) => ({ name, changeControlled: false }));
    const policy = await policyOf(JSON.stringify({ version: 1, projects: entries }));
    expect(policy.projects.map(({ name }) => name)).toEqual(names);
  });

  it.each([
    ['JsmChange.Token', 'JsmChange.Token'],
    ['JsmChange.Token[DC]', 'JsmChange.Token[DC]'],
    ['" JsmChange.Token[A [1], B] "', 'JsmChange.Token[A [1], B]'],
    ['"JsmChange\\x2eToken"', 'JsmChange.Token'],
    ['>-\n      JsmChange.Token[x]', 'JsmChange.Token[x]'],
    ['*name', 'JsmChange.Token[a]'],
  ])('[Y6] accepts the token variable %s', async (written, name) => {
    const text = policyWith({
      connection: `    username: &name JsmChange.Token[a]\n    tokenVariable: ${written}`,
    });
    expect((await policyOf(text)).projects[0]).toMatchObject({ connection: { tokenVariable: name } });
  });

  it.each([
    ['Acme Cloud', 'JsmChange.Token[Acme Cloud]'],
    ['" Data Center [2] "', 'JsmChange.Token[Data Center [2]]'],
    ['"A #{b}"', 'JsmChange.Token[A #{b}]'],
  ])('[Y6] defaults the token variable of the connection %s to %s', async (written, name) => {
    const text = policyWith({ connection: '    username: a' }).replaceAll('Acme Cloud', written);
    expect((await policyOf(text)).projects[0]).toMatchObject({ connection: { tokenVariable: name } });
  });

  it('trims every name and value', async () => {
    const text = examplePolicy
      .replaceAll(/: ([A-Z][\w .]*)$/gm, ': "  $1 "')
      .replaceAll(/\[([A-Z]\w+)\]/g, '[" $1 "]');
    expect(text).not.toBe(examplePolicy);
    expect(await policyOf(text)).toEqual(await policyOf(examplePolicy));
  });

  it('accepts an unquoted number as request type id, and just "*" for runbooks', async () => {
    const policy = await policyOf(policyWith({ project: '    requestType: 25\n    runbooks: "*"' }));
    expect(policy.projects[0]).toMatchObject({ requestType: '25', runbooks: ['*'] });
  });

  it('[Y5] accepts #{, backslashes and letters of any language in names', async () => {
    const names = [
      'Shop #{Octopus.Space.Name}',
      '#{Name}',
      'C:\\shop',
      'Büro "Süd"',
      '商店',
      "it's",
      'yes',
      '1.0',
    ];
    const list = names
      .map((name) => `  - name: ${JSON.stringify(name)}\n    changeControlled: false`)
      .join('\n');
    const policy = await policyOf(`version: 1\nprojects:\n${list}\n`);
    expect(policy.projects.map(({ name }) => name)).toEqual(names);
  });

  it('accepts an unquoted yes as a name', async () => {
    expect((await policyOf(policyWith({ environment: '  - name: yes' }))).environments[0]?.name).toBe('yes');
  });

  it.each([
    ['https://jira.acme.example/jira/', 'https://jira.acme.example/jira'],
    ['HTTPS://acme.atlassian.net', 'HTTPS://acme.atlassian.net'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://127.0.0.1:8080/jira', 'http://127.0.0.1:8080/jira'],
    ['"http://[::1]:8080"', 'http://[::1]:8080'],
  ])('[X2] accepts the base URL %s', async (written, read) => {
    const policy = await policyOf(policyWith({}).replace('https://acme.atlassian.net', written));
    expect(policy.projects[0]).toMatchObject({ connection: { baseUrl: read } });
  });

  it.each([
    ['proceed: [Go]', ['Go'], ['Review', 'Preview']],
    ['wait: [Hold]', ['Implementing'], ['Hold']],
    ['proceed: [" review "]', ['review'], ['Preview', 'Planning']],
    ['wait: []', ['Implementing'], []],
    ['proceed: [Go, Review]\n  wait: [Implementing]', ['Go', 'Review'], ['Implementing']],
  ])('[T4] [Y2] accepts states with %s', async (states, proceed, wait) => {
    const policy = await policyOf(policyWith({ top: `states:\n  ${states}` }));
    expect(policy.states.proceed).toEqual(proceed);
    expect(policy.states.wait.slice(0, wait.length || 1)).toEqual(wait);
  });

  it('[L12] finds the names in the case that Octopus uses', async () => {
    const policy = await policyOf(examplePolicy);
    expect(resolvePolicy(policy, { project: 'WEB SITE', environment: 'production' }).kind).toBe('required');
  });
});

describe('twenty mistakes in one policy', () => {
  const text = `version: 2
enabeld: true
customerComments: yes
unlisted: wran
connections:
  - name: Acme Cloud
    baseUrl: http://acme.atlassian.net
    usrname: octopus@acme.example
    tokenVariable: "#{JsmChange.Token}"
    password: hunter2
  - name: acme cloud
    baseUrl: https://#{Site}.atlassian.net
    tokenVariable: Other.Token # not shown
projects:
  - name: 1.0
    connection: Acme Clod
    serviceProject: Change management
    runbooks: Rotate certificates
  - name: Web Site
    connection: Acme Cloud
    preApproved: maybe
    runbooks: "x"
  - name: " web site "
    changeControlled: true
    changeControlled: false
environments:
  - name: Production
  - name: production
  - nam: Test
states:
  proceed: [Review]
  wait: [review]
plannedStart: Planned
plannedEnd: planned
issueTypes: []
`;

  it('[Y7] are all reported, each with line, path and advice', async () => {
    const shown = (await problemsOf(text)).map(({ line, path, message }) => [line, path, message]);
    const expected: readonly [number, string, RegExp][] = [
      [1, 'version', /^Expected 1, found the number 2/],
      [2, 'enabeld', /^Unknown key "enabeld"\. Did you mean enabled\?$/],
      [3, 'customerComments', /^Expected true or false or internal, found "yes"\. Did you mean true\?$/],
      [4, 'unlisted', /^Expected warn or stop, found "wran"\. Did you mean warn\?$/],
      [7, 'connections[0].baseUrl', /https/],
      [8, 'connections[0].usrname', /Did you mean username\?/],
      [9, 'connections[0].tokenVariable', /^#\{JsmChange\.Token\} was not resolved/],
      [10, 'connections[0].password', /must not contain a secret.*tokenVariable/],
      [11, 'connections[1].name', /Duplicate name "acme cloud".* line 6/],
      [12, 'connections[1].baseUrl', /^#\{Site\} was not resolved/],
      [
        13,
        'connections[1].tokenVariable',
        /^Expected JsmChange\.Token or JsmChange\.Token\[\.\.\.\]; the value is not shown/,
      ],
      [15, 'projects[0].name', /the number 1\.0\. Put it in quotes: "1\.0"/],
      [16, 'projects[0].connection', /Unknown connection "Acme Clod"\. Did you mean "Acme Cloud"\?/],
      [17, 'projects[0].serviceProject', /a project key such as CHG, found "Change management"/],
      [18, 'projects[0].runbooks', /a list such as .*or "\*" for all/],
      [19, 'projects[1].serviceProject', /The key serviceProject is missing/],
      [21, 'projects[1].preApproved', /Expected true or false, found "maybe"/],
      [22, 'projects[1].runbooks', /or "\*" for all, found "x"/],
      [23, 'projects[2].name', /Duplicate name.* line 19/],
      [25, 'projects[2].changeControlled', /^Duplicate key/],
      [28, 'environments[1].name', /Duplicate name.* line 27/],
      [29, 'environments[2].nam', /Did you mean name\?/],
      [32, 'states.wait[0]', /under proceed and under wait/],
      [34, 'plannedEnd', /same field as plannedStart/],
      [35, 'issueTypes', /found an empty list/],
    ];
    expect(shown).toEqual(
      expected.map(([line, path, message]) => [line, path, expect.stringMatching(message)]),
    );
    expect(expected.length).toBeGreaterThanOrEqual(20);
  });

  it('are reported with the exact column', async () => {
    const lines = text.split('\n');
    const at = (await problemsOf(text)).map(
      ({ line, column }) => lines[line - 1]?.slice(column - 1).split(/[:,\]]/)[0],
    );
    expect(at.slice(0, 5)).toEqual(['2', 'enabeld', 'yes', 'wran', 'http']);
    expect(at.at(-3)).toBe('review');
  });

  it('are described in one line each', async () => {
    const [first] = await problemsOf(text);
    expect(first && describeProblem(first)).toBe(
      'line 1, column 10, version: Expected 1, found the number 2.',
    );
  });
});

describe('an invalid policy', () => {
  it.each<[title: string, change: Parameters<typeof policyWith>[0], problem: RegExp]>([
    [
      'a key twice',
      { project: '    connection: Acme Cloud' },
      /^11 projects\[0\]\.connection: Duplicate key/,
    ],
    [
      'an unknown key without a similar one',
      { environment: '  - name: Production\n  - name: A\n    x: 1' },
      /^15 environments\[1\]\.x: Unknown key "x"\. Expected one of name, changeControlled\.$/,
    ],
    ['a key that belongs elsewhere', { project: '    requirePlannedEnd: true' }, /belongs at the top level/],
    [
      'a key from another section',
      { environment: '  - name: Production\n    serviceProject: CHG' },
      /belongs under projects/,
    ],
    [
      '[Y2] two environments with one name',
      { environment: '  - name: Prod\n  - name: " PROD"' },
      /^14 environments\[1\]\.name: Duplicate name "PROD": it is also on line 13/,
    ],
    ['two entries "*"', { environment: '  - name: "*"\n  - name: "*"' }, /^14 .*Duplicate name "\*"/],
    ['one runbook twice', { project: '    runbooks: [Fix, fix]' }, /runbooks\[1\]: Duplicate name "fix"/],
    ['[T4] [Y2] one status twice', { top: 'states: {proceed: [Go, go]}' }, /Duplicate name/],
    [
      '[T4] [Y2] a status in both lists',
      { top: 'states: {proceed: [Go], wait: [go]}' },
      /under proceed and under wait/,
    ],
    [
      '[T4] [Y2] an empty proceed list',
      { top: 'states: {proceed: []}' },
      /states\.proceed: Expected a list such as \[Implementing\], found an empty list/,
    ],
    [
      '[T4] a wait list that contains the last proceed status',
      { top: 'states: {wait: [implementing]}' },
      /no change request could proceed/,
    ],
    ['an empty name', { environment: '  - name: " "' }, /found only spaces/],
    [
      'no name',
      { environment: '  - name:' },
      /^13 environments\[0\]\.name: Expected text such as Production, found nothing/,
    ],
    [
      'an entry that is only a name',
      { environment: '  - Production' },
      /^13 environments\[0\]: Expected keys and values, found "Production"/,
    ],
    [
      'a mapping instead of a list',
      { environment: '  name: Production' },
      /Expected a list of entries, found keys and values/,
    ],
    [
      'a boolean for a name',
      { environment: '  - name: true' },
      /found the boolean true\. Put it in quotes: "true"/,
    ],
    [
      'a text for a boolean',
      { top: 'enabled: "true"' },
      /Expected true or false, found "true". Did you mean true\?/,
    ],
    ['no for a boolean', { top: 'enabled: no' }, /Did you mean false\?/],
    ['a name on two lines', { environment: '  - name: |\n      A\n      B' }, /one line/],
    [
      'a name that a comment cuts short',
      { environment: '  - name: Shop #{Space}' },
      /^13 environments\[0\]\.name: A # after a space/,
    ],
    [
      'a name that is only a comment',
      { environment: '  - name: #{Space}' },
      /^13 environments\[0\]\.name: A # after a space/,
    ],
    ['a name that begins with @', { environment: '  - name: @home' }, /cannot begin with this/],
    ['a tag', { environment: '  - name: !Ref x' }, /cannot begin with !/],
    ['a wrong escape', { environment: '  - name: "C:\\shop"' }, /backslash/],
    ['a merge key', { environment: '  - name: A\n    <<: {changeControlled: false}' }, /Unknown key "<<"/],
    [
      'a key that JavaScript knows',
      { environment: '  - name: A\n    __proto__: {changeControlled: false}' },
      /Unknown key "__proto__"/,
    ],
    [
      'another key that JavaScript knows',
      { environment: '  - name: A\n    constructor: x' },
      /Unknown key "constructor"/,
    ],
    [
      '[Y6] an equals sign in the variable name',
      { connection: '    tokenVariable: JsmChange.Token[a=b]' },
      /Expected JsmChange\.Token or/,
    ],
    [
      '[Y6] another variable',
      { connection: '    tokenVariable: My.Token' },
      /Expected JsmChange\.Token or JsmChange\.Token\[\.\.\.\]; the value is not shown\.$/,
    ],
    [
      '[Y6] a variable name in the wrong case',
      { connection: '    tokenVariable: jsmchange.token' },
      /Expected JsmChange\.Token or/,
    ],
    [
      '[Y6] empty brackets',
      { connection: '    tokenVariable: JsmChange.Token[]' },
      /Expected JsmChange\.Token or/,
    ],
    [
      '[Y6] a number as the variable name',
      { connection: '    tokenVariable: 12345678' },
      /Expected JsmChange\.Token or JsmChange\.Token\[\.\.\.\]; the value is not shown\.$/,
    ],
    ['an unknown approval check', { top: 'approvalCheck: anybody' }, /found "anybody"/],
    ['an unknown text to mention', { top: 'suppliedMustMention: [channel]' }, /found "channel"/],
    ['an unknown kind of comment', { top: 'customerComments: external' }, /found "external"/],
  ])('contains %s', async (_title, change, problem) => {
    expect(await problemOf(policyWith(change))).toMatch(problem);
  });

  it('[S4] with an unknown connection lists the connections if none is similar', async () => {
    const text = policyWith({}).replace('connection: Acme Cloud', 'connection: Elsewhere');
    expect(await problemOf(text)).toBe(
      '9 projects[0].connection: Unknown connection "Elsewhere". Expected one of those under connections: "Acme Cloud".',
    );
  });

  it('[S4] may not name an unknown connection even for an uncontrolled project', async () => {
    const text = 'version: 1\nprojects:\n  - name: A\n    changeControlled: false\n    connection: B\n';
    expect(await problemOf(text)).toMatch(/^5 .*there is none/);
  });

  it('[S4] contains a connection twice', async () => {
    const more = '    username: T\n  - name: ACME CLOUD\n    baseUrl: https://b.example\n    username: T';
    expect(await problemOf(policyWith({ connection: more }))).toMatch(
      /^7 connections\[1\]\.name: Duplicate name .* line 4/,
    );
  });

  it.each([
    ['http://acme.atlassian.net', /loopback/],
    ['http://127.0.0.1.evil.example', /loopback/],
    ['http://localhost.evil.example', /loopback/],
    ['acme.atlassian.net', /Expected the root URL/],
    ['ftp://acme.atlassian.net', /Expected the root URL/],
    ['https://acme.atlassian.net/?a=1', /nothing after its path/],
    ['"https://acme. atlassian.net"', /Expected the root URL/],
    ['"https://#{Site}"', /#\{/],
  ])('[X2] contains the base URL %s', async (url, problem) => {
    const text = policyWith({}).replace('https://acme.atlassian.net', url);
    expect(await problemOf(text)).toMatch(problem);
  });

  it('[Y6] has a connection without a token variable whose name contains an equals sign', async () => {
    const text = policyWith({ connection: '    username: a' }).replaceAll('Acme Cloud', 'A=B');
    expect(await problemOf(text)).toMatch(/^4 connections\[0\]\.name: Set tokenVariable: .*equals sign/);
  });

  it.each(['baseUrl', 'username'])(
    '[Y5] contains an expression in the %s of a connection, which the problem names',
    async (key) => {
      for (const written of ['#{JsmValue}', '"#{JsmValue}"']) {
        const rest = {
          baseUrl: 'https://a.example',
          username: 'a',
          tokenVariable: 'JsmChange.Token',
          [key]: written,
        };
        const lines = Object.entries(rest).map(([name, value]) => `    ${name}: ${value}`);
        const problems = await problemsOf(`version: 1\nconnections:\n  - name: A\n${lines.join('\n')}\n`);
        expect(problems.map(({ message }) => message).join(' ')).toContain('#{JsmValue}');
        expect(problems.map(({ message }) => message).join(' ')).not.toContain(
          'Put the whole value in quotes',
        );
      }
    },
  );

  it.each(['baseUrl', 'username', 'tokenVariable'])(
    '[Y5] contains #{ in the %s of a connection',
    async (key) => {
      const rest = ['baseUrl: https://a.example', 'username: a', 'tokenVariable: JsmChange.Token'].filter(
        (line) => !line.startsWith(key),
      );
      const text = `version: 1\nconnections:\n  - name: "#{Name}"\n    ${key}: "#{Value}"\n    ${rest.join('\n    ')}\n`;
      expect(await problemOf(text)).toMatch(
        new RegExp(`^4 connections\\[0\\]\\.${key}: #\\{Value\\} was not resolved`),
      );
    },
  );

  it.each([
    ['on a line of its own', 'environments:\n  - name: Staging\n#{Further}\n', 4],
    ['in place of an entry', 'environments:\n  - name: Staging\n  #{Further}\r\n', 4],
    ['after a list in one line', 'environments: [{ name: Staging }] #{Further}\n', 2],
    ['inside a list', 'environments: [{ name: Staging },\n  #{Further}\n  ]\n', 3],
    ['after a text of several lines', 'issueTypes:\n  - |\n    Change\n#{Further}\n', 5],
    ['before everything else', '#{Further}\nenvironments: []\n', 2],
  ])('[I5] [Y5] contains an expression %s, which YAML reads as a comment', async (_where, text, line) => {
    const problems = await problemsOf(`version: 1\n${text}`);
    const found = problems.filter(({ message }) => message.startsWith('#{Further} was not resolved'));
    expect(found).toMatchObject([{ line, path: '' }]);
  });

  it('[Y5] may mention an expression inside a comment or a text of several lines', async () => {
    const text =
      'version: 1\n# Set by #{Further}, not #{Other}.\nenabled: false # {no} #{X}\nallowedProjects:\n  - |\n    #{Y}\n';
    const messages = (await problemsOf(text)).map(({ message }) => message).join(' ');
    expect(messages).not.toContain('was not resolved');
  });

  it.each([
    ['nothing', '', /^1 : Expected keys and values, found nothing/],
    ['a comment', '# soon', /found nothing/],
    ['a word', 'hello', /Expected keys and values, found "hello"/],
    ['a list', '- version: 1', /Expected keys and values, found a list/],
    ['no version', 'enabled: false', /^1 version: The key version is missing. Expected 1/],
    ['a version in quotes', 'version: "1"', /Write it without quotes/],
    ['a second document after dots', 'version: 1\n...\nenabled: false', /^3 : A second YAML document/],
    ['an unknown alias', 'version: 1\nallowedProjects: *keys', /^2 allowedProjects: An alias/],
    ['a loop of aliases', 'version: 1\nallowedProjects: &a [*a]', /at most .* 20 levels/],
    ['an unfinished list without a line end', 'version: 1\nissueTypes: [', /^2 : /],
    ['too long', `version: 1 #${'x'.repeat(131_072)}`, /at most 131072 characters/],
  ])('is reported: %s', async (_title, text, problem) => {
    expect(await problemOf(text)).toMatch(problem);
  });

  it.each([
    ['a missing space after a colon', 'enabled: true\nversion:1\n', /^2 : .*colon and a space/],
    ['a colon within a name', 'version: 1\nplannedStart: Planned: start', /^2 : .*in quotes/],
    ['a list that is not closed', 'version: 1\nissueTypes: [Change\nenabled: true', /^3 : /],
    ['a quote that is not closed', 'version: 1\nplannedStart: "Planned', /^2 : .*closing quote/],
    ['an entry in the wrong column', 'version: 1\nprojects:\n  - name: A\n - name: B', /^4 : /],
    ['a tab that indents', 'version: 1\nprojects:\n\t- name: A\n', /^3 : /],
    ['an asterisk without quotes', 'version: 1\nprojects:\n  - name: *\n', /^3 : .*write "\*"/],
    ['two faults', 'version: 1\nplannedStart: @a\nplannedEnd: @b\nenabeld: 1', /^2 : /],
  ])('[Y7] that is not YAML is reported with its first fault only: %s', async (_title, text, problem) => {
    expect(await problemOf(text)).toMatch(problem);
  });

  it('has columns counted as editors count them, even after a tab', async () => {
    const text = 'version: 1\nprojects: [{name: "\u{1F600}\tx", nam: 1, changeControlled: false}]\n';
    expect((await problemsOf(text)).map(({ column, path }) => [column, path])).toEqual([
      [19, 'projects[0].name'],
      [27, 'projects[0].nam'],
    ]);
  });

  it('has the last value of a duplicate key checked as well', async () => {
    const text = 'version: 1\nissueTypes: [a]\nissueTypes: [2]\n';
    expect((await problemsOf(text)).map(({ line, path }) => `${line} ${path}`)).toEqual([
      '3 issueTypes',
      '3 issueTypes[0]',
    ]);
  });
});

describe('the policy loader', () => {
  it('limits the total size of aliases', async () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const items = level === 0 ? ['x'] : Array.from({ length: 9 }, () => `*a${level - 1}`);
      return `a${level}: &a${level} [${items.join(', ')}]`;
    });
    const problems = await problemsOf(levels.join('\n'));
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Expected at most 20000 values/),
    ]);
  });

  it('accepts hundreds of aliases', async () => {
    const entries = Array.from(
      { length: 400 },
      (_, index) => `  - {name: P${index}, changeControlled: false, runbooks: *all}\n`,
    );
    expect(await problemsOf(`version: 1\nissueTypes: &all [A, B]\nprojects:\n${entries.join('')}`)).toEqual(
      [],
    );
  });

  it('[Y7] reports every problem, however many there are', async () => {
    const text = Array.from({ length: 500 }, (_, index) => `k${index}: 1\n`).join('');
    expect(await problemsOf(`version: 1\n${text}`)).toHaveLength(500);
  });

  it.each(['[', '{a: ', '- ', '? ', 'a:\n '])('limits the depth of %j', async (opening) => {
    expect((await problemsOf(opening.repeat(20_000))).map(({ message }) => message).join()).toMatch(/\w/);
  });
});

describe('secrets', () => {
  const token = 'ATATT3xFfGF0T8n2kq7ZkPwX9mL4sVbY1cRdHjUe6oAiNt5gQzB=1F2E3D4C';
  const places: readonly [title: string, text: string][] = [
    ['under a key for a secret', policyWith({ connection: `    token: ${token}` })],
    ['instead of the variable', policyWith({ connection: `    tokenVariable: ${token}` })],
    ['as the user name', policyWith({ connection: `    tokenVariable: T\n    username: ${token}` })],
    ['in a comment', policyWith({ top: `# the old one was ${token}` })],
    ['as a name', policyWith({ environment: `  - name: ${token}` })],
    ['as a key', policyWith({ environment: `  - name: A\n    ${token}: true` })],
    ['in the base URL', policyWith({}).replace('https://', `https://octopus:${token}@`)],
    ['as a name twice', policyWith({ environment: `  - name: ${token}\n  - name: ${token}` })],
    ['as an unknown connection', policyWith({}).replace('connection: Acme Cloud', `connection: ${token}`)],
    ['instead of true or false', policyWith({ top: `enabled: ${token}` })],
    ['in a comment and as a name', policyWith({ top: `# ${token}`, environment: `  - name: ${token}` })],
    ['under an unknown key', policyWith({ top: `extra:\n  value: [${token}]` })],
  ];

  it.each(places)('%s are reported, and not shown', async (_title, text) => {
    const problems = await problemsOf(text);
    expect(problems.some(({ message }) => message.startsWith('A policy must not contain a secret'))).toBe(
      true,
    );
    expect(JSON.stringify(problems)).not.toContain(token.slice(0, 20));
  });

  it.each([
    ['under a key for a secret and elsewhere', 'secret: Hunter2Hunter2\nunlisted: Hunter2Hunter2'],
    ['nested under a key for a secret', 'password: {value: [Hunter2Hunter2]}\nunlisted: xHunter2Hunter2x'],
    ['under any unknown key', 'extra: &a Hunter2Hunter2\nunlisted: *a'],
    ['short', 'extra: hi2\nunlisted: hi2'],
    ['under a duplicate key', 'extra: Hunter2Hunter2\nextra: x\nunlisted: Hunter2Hunter2'],
    ['as keys', 'extra: {Hunter2Hunter2: {Hunter2Hunter2: 1, Hunter2Hunter2: 2}}'],
    ['as an expression', 'extra: #{hunter2}'],
    ['with a line break', 'extra: "Hunter2\\nHunter2"'],
    ['as an alias of nothing', 'extra: *Hunter2'],
    ['in a text that is not YAML', 'extra: Hunter2: Hunter2'],
    ['with escapes, as a token', 'unlisted: "\\x41TATT3xHunter2Hunter2"'],
  ])('[Y7] are not shown as the value of an unknown key: %s', async (_title, top) => {
    const problems = await problemsOf(policyWith({ top }));
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems)).not.toMatch(/hunter2|hi2/i);
  });

  it.each(['ATATT3xFfGF0T8n2kq7ZkPwX9mL4', 'ATCTT3xFfGF0T8n2kq7', 'ATBBa1b2c3d4'])(
    'of Atlassian such as %s are recognized by their prefix',
    async (secret) => {
      expect(await problemOf(policyWith({ top: `plannedStart: ${JSON.stringify(secret)}` }))).toMatch(
        /^2 plannedStart: A policy must not contain a secret/,
      );
    },
  );

  it.each([
    'token',
    'Token',
    'apiToken',
    'api_token',
    'password',
    'PASSWORD',
    'passwd',
    'secret',
    'clientSecret',
    'pat',
  ])('are recognized under the key %s, and the value is not shown', async (key) => {
    const text = policyWith({ connection: `    username: a\n    ${key}: hunter2` });
    expect(await problemOf(text)).toBe(
      `7 connections[0].${key}: A policy must not contain a secret. Put it in a sensitive Octopus variable, name that variable in tokenVariable, and replace the secret, because others may have read it here.`,
    );
  });

  it.each(['tokenVarible', 'tokenvariable', 'token_variable', 'tokenVar', 'TokenVariable'])(
    'are not suspected under the key %s, a misspelt tokenVariable',
    async (key) => {
      const text = policyWith({ connection: `    ${key}: JsmChange.Token` });
      expect(await problemOf(text)).toMatch(/Unknown key .*Did you mean tokenVariable\?/);
    },
  );

  it.each([
    'Web Site',
    'Acme.Shop.Frontend-V2-2024-Q3-EU1',
    'Projects-3f2504e0-4f89-11d3-9a0c-0305e82c3301',
    'JsmChange.Connections[Acme Cloud].ApiToken',
    'Peer review / change manager approval',
    'MyVeryLongProjectNameForTheWebSite2024',
    'Basic Authentication Service',
    'ATTENDANCE',
    'NzY1NDMyMTA5ODc2Oh8fKpQ2xVzL7mWnTcRbYdGjE4sA',
  ])('do not include the name %s', async (name) => {
    expect(await problemsOf(policyWith({ environment: `  - name: ${JSON.stringify(name)}` }))).toEqual([]);
  });

  it('do not include the line for editors', async () => {
    const line =
      '# yaml-language-server: $schema=https://raw.example/Acme-Corp/Gate/1a2B3c4D5e6F7a8B9c0D/policy.schema.json';
    expect(await problemsOf(`${line}\n${examplePolicy}`)).toEqual([]);
  });

  it('are never shown in a problem, wherever they are', async () => {
    const secrets = fc
      .string({ unit: fc.constantFrom(...'ABCDEFGHabcdefgh0123456789'), minLength: 20, maxLength: 40 })
      .map((tail) => `ATATT3x${tail}`);
    const lines = examplePolicy.split('\n');
    await fc.assert(
      fc.asyncProperty(
        secrets,
        fc.nat(lines.length - 1),
        fc.nat(40),
        fc.boolean(),
        async (secret, at, column, over) => {
          const line = lines[at] ?? '';
          const changed = line.slice(0, column) + secret + line.slice(over ? column + secret.length : column);
          const text = lines.with(at, changed).join('\n');
          fc.pre(new RegExp(`(?<![A-Za-z0-9_])${secret}`).test(text));
          const problems = await problemsOf(text);
          expect(JSON.stringify(problems)).not.toContain(secret);
          expect(problems.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('any text', () => {
  const words = fc.constantFrom(
    ...[
      'version',
      ': ',
      '1',
      '\n',
      '  ',
      '- ',
      'projects',
      'name',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      '*',
      '&a',
      '#',
      '#{x}',
    ],
    ...[
      '\t',
      '---\n',
      '...\n',
      '|\n',
      '>-\n',
      '!x',
      '%YAML 1.1\n',
      '? ',
      '<<',
      '\r\n',
      'null',
      'true',
      '~',
      '@',
      '\\',
      ',',
    ],
  );

  it('gives a policy, or problems with a place in the text, and throws nothing', async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(words, { maxLength: 40 }).map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const lines = text.split('\n');
        const result = await loadPolicy(text);
        for (const { line, column, message } of result.ok ? [] : result.problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
          expect(message).toMatch(/^[^\p{Cc}]+[.?"]$/u);
        }
        if (!result.ok) expect(result.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives a policy or problems if it is the example with a random change', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(examplePolicy.length), fc.nat(30), words, async (at, length, word) => {
        const text = examplePolicy.slice(0, at) + word + examplePolicy.slice(at + length);
        const result = await loadPolicy(text);
        if (!result.ok) expect(result.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});
