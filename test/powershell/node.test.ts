import { expect, it } from 'vitest';
import { bodyAround } from './body.ts';
import { failure, onEach, onLinux, seenBy, thoroughEngines, told } from './cases.ts';
import { engines, run } from './engine.ts';

const printing = bodyAround('print-environment.cjs');
const way =
  'The easiest fix: run this step in the worker-tools image (octopusdeploy/worker-tools), which contains Node.js. Otherwise install Node.js on the worker and put it on the PATH of the account that runs the agent.';

onEach(thoroughEngines, (engine) => {
  it('[B2] fails without Node, and names the required version and the easy way', async () => {
    const end = await run(engine, {
      body: printing,
      nodes: [],
      variables: { 'JsmChange.Token': 'secret-token' },
    });
    expect(failure(end, 'NotStarted')).toBe(
      `This step needs Node.js 20 or later, and the PATH of this worker has no node at all. ${way}`,
    );
    expect(end.stdout).not.toContain('secret-token');
  });

  it('[B2] lists what it found if nothing is suitable, and waits for none of it forever', async () => {
    const says = { says: 'Nodejs ##octopus[x]' };
    const end = await run(engine, {
      body: printing,
      nodes: [
        'unstartable',
        { says: 'v18.20.4' },
        says,
        { complains: 'v22.1.0' },
        'hangs',
        ...(engine.windows ? ['script' as const] : []),
      ],
    });
    const message = failure(end, 'NotStarted');
    const place = engine.windows ? '\\S+\\\\node\\.exe' : '/\\S+/node';
    // The Windows stand-ins are in folders with spaces in their names.
    const path = engine.windows ? '\\S[^,]*\\\\node\\.exe' : place;
    expect(message).toMatch(
      new RegExp(
        `^This step needs Node\\.js 20 or later, and the PATH of this worker has ${place}, which does not report a version \\(.+\\), ` +
          `v18\\.20\\.4 at ${path}, ${path}, which does not report a version \\(Nodejs \\?octopus\\[x\\]\\), ` +
          `${path}, which does not report a version \\(v22\\.1\\.0\\), ` +
          `${path}, which does not report a version \\(no answer within 10 seconds\\)` +
          `${engine.windows ? ', \\S+\\\\node\\.cmd, which is a script and not a program \\(node\\.exe\\)' : ''}\\. The easiest fix: `,
      ),
    );
  });

  it('[B2] [B4] [X3] uses the first Node that starts and is new enough, without the entries that would make it print requests', async () => {
    const end = await run(engine, {
      body: printing,
      nodes: ['unstartable', { says: 'v18.20.4' }, 'installed', { echoes: 'v22.1.0' }],
      variables: { 'Octopus.Project.Name': 'Web' },
      environment: { NODE_USE_SYSTEM_CA: '0', NODE_DEBUG: 'http' },
    });
    const { variables, environment, options } = seenBy(end);
    expect(variables).toEqual({ 'Octopus.Project.Name': 'Web' });
    expect(environment['NODE_USE_SYSTEM_CA']).toBe('0');
    expect(environment['NODE_DEBUG'] ?? '').toBe('');
    expect(options).toEqual(['--input-type=commonjs']);
    expect(end).toMatchObject({ code: 0, left: [], environmentKept: true });
  });

  it('[B8] is not deceived by a program that repeats its input', async () => {
    const end = await run(engine, { body: printing, nodes: [{ echoes: 'v22.1.0' }] });
    expect(failure(end, 'NotStarted')).toMatch(
      /^Node\.js \(.+node(\.exe)?\) ended before the action began \(exit code 0\)\. If /,
    );
    // The repeated input: the bundle and the key, with two signs each.
    expect(told(end).warnings).toHaveLength(4);
  });

  it('[B9] [B5] says that Node ended before the action began, with its output as a warning, and names NODE_OPTIONS', async () => {
    const end = await run(engine, {
      body: printing,
      environment: { NODE_OPTIONS: '--require ./missing-preload.js' },
    });
    expect(failure(end, 'NotStarted')).toMatch(
      /ended before the action began \(exit code 1\).* NODE_OPTIONS is set on this worker: check what it asks for, or remove it\./,
    );
    expect(told(end).warnings.join('\n')).toMatch(/Cannot find module '\.\/missing-preload\.js'/);
  });
});

// The engines whose Node may know the system's certificate store.
onEach(
  engines.filter(({ windows, thorough }) => !windows || !thorough),
  (engine) => {
    it('[B9] adds no certificate option that conflicts with one in NODE_OPTIONS', async () => {
      const end = await run(engine, {
        body: printing,
        environment: { NODE_OPTIONS: '--use-openssl-ca' },
      });
      expect(seenBy(end).options).toEqual(['--input-type=commonjs']);
      expect(end).toMatchObject({ code: 0, left: [], environmentKept: true });
    });
  },
);

onEach(onLinux, (engine) => {
  it('[B2] reads the version from stdout only, with stdin closed', async () => {
    const end = await run(engine, { body: printing, nodes: ['shim'] });
    expect(seenBy(end).variables).toEqual({});
    expect(end.code).toBe(0);
  });

  it.each([' test ', 'Resume'])(
    '[B2] leaves no decision of an operation that makes none (%s)',
    async (operation) => {
      const end = await run(engine, {
        body: printing,
        nodes: [],
        variables: { 'JsmChange.Operation': operation },
      });
      expect(told(end)).toMatchObject({ outputs: {}, result: expect.stringContaining('has no node at all') });
      expect(end).toMatchObject({ code: 1, stderr: '', left: [] });
    },
  );

  it('[B3] fails if the variables cannot be listed', async () => {
    const scriptModule = 'Remove-Variable OctopusParameters';
    const end = await run(engine, { body: printing, scriptModule, strict: 'latest' });
    expect(failure(end, 'NotStarted')).toMatch(/^The Octopus variables cannot be read: /);
  });
});
