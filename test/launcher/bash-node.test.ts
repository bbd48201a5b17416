import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  bodyAround,
  messages,
  outputs,
  programPath,
  runStep,
  runStepWithNode,
  toolFolder,
  variablesOf,
  warnings,
} from './bash-step.ts';

/** The tools that the stand-in for Octopus' bootstrap uses; the launcher only needs Bash and Node. */
const tools = ['bash', 'base64', 'grep', 'openssl'];

const ready = { 'Octopus.Project.Name': 'Web Site', 'JsmChange.Token': 'the token of the gate' };

/** Scripts that act as programs called node, one for each folder of a PATH. */
const shebang = `#!${programPath('bash')}\n`;
const old = 'echo v18.20.4';
const broken = 'echo "node: libc.so.6: version GLIBC_2.28 [not found]" >&2; exit 1';
const good = `exec ${programPath('node')} "$@"`;

/** Runs a step on a worker whose PATH has these programs called node, in order. */
async function onWorkerWith(nodes: readonly string[], variables: Readonly<Record<string, string>> = ready) {
  const folders = nodes.map((script) => toolFolder([], { node: `${shebang}${script}\n` }));
  const base = toolFolder(tools);
  const ended = await runStep({
    variables,
    options: 'array',
    environment: { PATH: [...folders, base].join(':') },
    bash: programPath('bash'),
  });
  for (const folder of [...folders, base]) rmSync(folder, { recursive: true });
  return { ...ended, folders };
}

describe('The Node that the step uses', () => {
  it.each([
    { worker: 'no node', nodes: [], found: ['no node at all'] },
    { worker: 'an old Node', nodes: [old], found: ['v18.20.4 at '] },
    { worker: 'a very old Node', nodes: ['echo v0.10.48'], found: ['v0.10.48 at '] },
    { worker: 'a Node that does not start', nodes: [broken], found: ['version GLIBC_2.28 [not found]'] },
    { worker: 'another program of that name', nodes: [':'], found: ['does not report a version'] },
    {
      worker: 'a Node that reports its version on stderr',
      nodes: ['echo v22.0.0 >&2'],
      found: ['does not report'],
    },
    {
      worker: 'several of these',
      nodes: [broken, old, 'echo v19.9.9'],
      found: ['GLIBC', 'v18.20.4', 'v19.9.9'],
    },
  ])(
    '[B2] [M0] is missing on a worker with $worker, and the step says what to do',
    async ({ nodes, found }) => {
      const { code, stdout, stderr, left, folders } = await onWorkerWith(nodes);
      expect({ code, stderr, left }, stdout).toEqual({ code: 1, stderr: '', left: [] });
      const [reason] = messages(stdout, 'resultMessage', 'message');
      for (const text of ['Node.js 20 or later', ...found, ...folders, 'worker-tools image'])
        expect(reason).toContain(text);
      expect(stdout.split('\n')).toContain(reason);
      expect(outputs(stdout)).toEqual({
        Decision: 'Error',
        DecisionCode: 'NotStarted',
        DecisionReason: reason,
      });
    },
  );

  it.each([
    { before: 'an old Node', nodes: [old, good] },
    { before: 'a Node that does not start', nodes: [broken, good] },
    { before: 'a shim that complains on stderr', nodes: [`echo "shim: no version set" >&2; ${good}`] },
    { before: 'a shim that reads its input', nodes: [`[[ $1 != --version ]] || read -r; ${good}`] },
    {
      before: 'a Node that is just new enough',
      nodes: [`if [[ $1 == --version ]]; then echo v20.0.0; else ${good}; fi`],
    },
  ])(
    '[B2] is the first on the PATH that starts and is new enough: after or as $before',
    async ({ nodes }) => {
      const { code, stdout, stderr } = await onWorkerWith(nodes);
      expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    },
  );

  it('[B2] is not a program that never answers, and no other program is needed to limit its time', async () => {
    const limit = 'read -r -t 10 ';
    const body = bodyAround('launcher.end(true);');
    expect(body).toContain(limit);
    const script = 'if [[ $1 == --version ]]; then exec sleep 300; fi';
    const hanging = await runStepWithNode(script, {
      variables: ready,
      // A shorter limit, to keep the test fast.
      body: body.replace(limit, 'read -r -t 1 '),
    });
    expect({ code: hanging.code, stderr: hanging.stderr }, hanging.stdout).toEqual({ code: 0, stderr: '' });
    const folder = toolFolder([...tools, 'sleep'], { node: `${shebang}${script}\n` });
    const alone = await runStep({
      variables: ready,
      options: 'array',
      environment: { PATH: folder },
      bash: programPath('bash'),
      body: body.replace(limit, 'read -r -t 1 '),
    });
    rmSync(folder, { recursive: true });
    expect(alone.code).toBe(1);
    expect(messages(alone.stdout, 'resultMessage', 'message').join()).toContain(
      'no answer within 10 seconds',
    );
  });

  it('[B2] [B3] is all that the launcher needs besides Bash and the tools that Octopus uses', async () => {
    const { code, stdout, stderr } = await onWorkerWith([good], {
      ...ready,
      'Octopus.JiraServiceManagement.Field[Añadido]': '世界\n\n',
    });
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(variablesOf(stdout)).toEqual({
      ...ready,
      'Octopus.JiraServiceManagement.Field[Añadido]': '世界\n\n',
    });
  });
});

describe('Node that ends before the action begins', () => {
  it.each([
    { why: 'a preload is missing', nodeOptions: '--require /no/such/file.cjs', said: '/no/such/file.cjs' },
    { why: 'it does not know an option', nodeOptions: '--no-such-option', said: '--no-such-option' },
    {
      why: 'a preload fails',
      nodeOptions: '--import=data:text/javascript,throw(new/**/Error("oh"))',
      said: 'oh',
    },
    { why: 'it has too little memory', nodeOptions: '--max-old-space-size=1', said: '' },
  ])('[B9] is reported with NODE_OPTIONS if $why', async ({ nodeOptions, said }) => {
    const { code, stdout, stderr } = await runStep({
      variables: ready,
      options: 'array',
      environment: { NODE_OPTIONS: nodeOptions },
    });
    expect({ code, stderr }, stdout).toEqual({ code: 1, stderr: '' });
    expect(warnings(stdout).join()).toContain(said);
    const [reason] = messages(stdout, 'resultMessage', 'message');
    expect(reason).toContain('ended before the action began');
    expect(reason).toContain('NODE_OPTIONS');
    expect(outputs(stdout)).toEqual({
      Decision: 'Error',
      DecisionCode: 'NotStarted',
      DecisionReason: reason,
    });
  });

  it('[B9] is reported without NODE_OPTIONS if that is not set', async () => {
    const { code, stdout } = await runStepWithNode(
      'if [[ $1 == --version ]]; then echo v22.0.0; else exec <&-; echo "no memory" >&2; exit 7; fi',
      { variables: { ...ready, 'Octopus.Release.Notes': 'x'.repeat(500_000) } },
    );
    expect(code).toBe(1);
    expect(warnings(stdout)).toEqual(['no memory']);
    const reason = messages(stdout, 'resultMessage', 'message').join();
    expect(reason).toContain('(exit code 7)');
    expect(reason).not.toContain('NODE_OPTIONS');
  });

  it.each([
    { version: 'v20.20.2', added: false },
    { version: 'v22.14.0', added: false },
    { version: 'v22.15.0', added: true },
    { version: 'v23.7.9', added: false },
    { version: 'v23.8.0', added: true },
    { version: 'v24.0.0', added: true },
    { version: 'v100.0.0', added: true },
    { version: 'v24.0.0', added: false, environment: { NODE_USE_SYSTEM_CA: '0' } },
    { version: 'v24.0.0', added: false, environment: { NODE_USE_SYSTEM_CA: '' } },
    { version: 'v24.0.0', added: false, environment: { NODE_OPTIONS: '--use-openssl-ca' } },
    { version: 'v24.0.0', added: false, environment: { NODE_OPTIONS: '--no-warnings "--use_bundled_ca"' } },
    { version: 'v24.0.0', added: false, environment: { NODE_OPTIONS: '--no-use-system-ca' } },
    { version: 'v24.0.0', added: true, environment: { NODE_OPTIONS: '--max-old-space-size=100' } },
  ])(
    '[B9] does not end because of the certificate option: $version, $environment',
    async ({ version, added, environment }) => {
      const { stdout } = await runStepWithNode(
        `if [[ $1 == --version ]]; then echo ${version}; else echo "OPTIONS $1 $2"; exit 1; fi`,
        { variables: ready, environment: environment ?? {} },
      );
      expect(stdout).toContain(
        added ? 'OPTIONS --use-system-ca --input-type=commonjs\n' : 'OPTIONS --input-type=commonjs -e\n',
      );
    },
  );
});

describe('The operation Report', () => {
  const report = { ...ready, 'JsmChange.Operation': ' report' };
  const versions = 'if [[ $1 == --version ]]; then echo v22.0.0; exit; fi';

  it.each([
    { trouble: 'Node is old', script: old },
    { trouble: 'Node ends before the action has begun', script: `${versions}; exit 1` },
    { trouble: 'Node ends with 0 and has run nothing', script: `${versions}; exit 0` },
    { trouble: 'Node is killed', script: `${versions}; kill -9 $$` },
  ])('[B10] fails no deployment and warns if $trouble', async ({ script }) => {
    // There is no other Node further down the PATH.
    const { code, stdout, stderr } = await onWorkerWith([script], report);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(warnings(stdout).join()).toContain('The deployment is not affected.');
    expect(stdout).not.toContain('does not proceed');
    expect(messages(stdout, 'resultMessage', 'message')).toEqual([]);
    expect(outputs(stdout)).toEqual({});
  });

  it.each(['crash', 'abort', 'exit 0', 'exit 5'])(
    '[B10] fails no deployment if the action does "%s"',
    async (does) => {
      const { code, stdout, stderr } = await runStep({
        variables: { ...report, 'Octopus.Release.Notes': does },
        options: 'array',
      });
      expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
      expect(warnings(stdout).join()).toContain('The action ended unexpectedly');
    },
  );

  it('[B10] fails no deployment if an error of Bash ends the body', async () => {
    const { code, stdout } = await runStep({
      variables: report,
      options: 'array',
      module: 'readonly jsm_pairs=',
    });
    expect(code, stdout).toBe(0);
    expect(warnings(stdout).join()).toContain('An error in Bash ended the step');
  });

  it('[B10] fails no deployment if a script module has an EXIT trap that fails', async () => {
    const { code, stdout } = await runStep({
      variables: { ...report, 'Octopus.Release.Notes': 'crash' },
      options: 'array errexit',
      module: "trap 'echo cleaned up; exit 3' EXIT",
    });
    expect(code, stdout).toBe(0);
    expect(stdout.match(/^cleaned up$/gm)).toHaveLength(1);
  });

  it.each(['Reporting', 'Report Gate', '#{Report}', ''])('[B10] is not "%s"', async (operation) => {
    const { code } = await onWorkerWith([old], { ...ready, 'JsmChange.Operation': operation });
    expect(code).toBe(1);
  });

  it('[B10] fails as Test, and leaves no decision', async () => {
    const { code, stdout } = await onWorkerWith([old], { ...ready, 'JsmChange.Operation': 'Test' });
    expect(code).toBe(1);
    expect(outputs(stdout)).toEqual({});
    expect(messages(stdout, 'resultMessage', 'message')).toHaveLength(1);
  });
});
