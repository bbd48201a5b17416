import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  environmentOf,
  messages,
  outputs,
  pidOf,
  programPath,
  runStep,
  startStep,
  toolFolder,
} from './bash-step.ts';

/** What the stand-in for Octopus' bootstrap and the launcher use besides Node. */
const tools = ['bash', 'base64', 'diff', 'grep', 'ls', 'openssl', 'sed'];

/** What the script body's own part of the job may need of busybox. */
const busyboxTools = tools.filter((tool) => tool !== 'bash' && tool !== 'openssl');

const ready = { 'Octopus.Project.Name': 'Web Site', 'JsmChange.Token': 'the token of the gate' };

describe('Node', () => {
  const cases = [
    { worker: 'has none', script: undefined, found: 'found no node on the PATH' },
    { worker: 'has an old one', script: 'echo v18.20.4', found: 'found v18.20.4 at ' },
    { worker: 'has a very old one', script: 'echo v0.10.48', found: 'found v0.10.48 at ' },
    {
      worker: 'has one that does not start',
      script: 'echo "node: libc.so.6: version GLIBC_2.28 [not found]" >&2; exit 1',
      found: 'does not tell its version; it says: node  libc.so.6  version GLIBC_2.28  not found',
    },
    { worker: 'has another program of that name', script: ':', found: 'does not tell its version' },
  ];

  it.each(cases)(
    '[B2] [M0] the step fails and says what to do when the worker $worker',
    async ({ script, found }) => {
      const folder = toolFolder(
        tools,
        script === undefined ? {} : { node: `#!${programPath('bash')}\n${script}\n` },
      );
      const { code, stdout, stderr, left } = await runStep({
        variables: ready,
        options: 'array',
        environment: { PATH: folder },
        bash: programPath('bash'),
      });
      rmSync(folder, { recursive: true });
      expect({ code, stderr, left }, stdout).toEqual({ code: 1, stderr: '', left: [] });
      const [reason] = messages(stdout, 'resultMessage', 'message');
      for (const text of ['Node.js 20 or later', found, 'worker-tools image']) expect(reason).toContain(text);
      expect(stdout.split('\n')).toContain(reason);
      expect(outputs(stdout)).toEqual({ Decision: 'Error', DecisionReason: reason });
    },
  );

  it.each(['Report', 'Test', 'test'])('leaves no decision behind in the operation %s', async (operation) => {
    const folder = toolFolder(tools);
    const { code, stdout } = await runStep({
      variables: { ...ready, 'JsmChange.Operation': operation },
      environment: { PATH: folder },
      bash: programPath('bash'),
    });
    rmSync(folder, { recursive: true });
    expect(code).toBe(1);
    expect(outputs(stdout)).toEqual({});
  });

  it('[B2] the first node on the PATH is asked, and 20 is new enough', async () => {
    const node = `#!${programPath('bash')}\nif [[ $1 == --version ]]; then echo v20.0.0; else exec ${programPath('node')} "$@"; fi\n`;
    const folder = toolFolder([], { node });
    const { code } = await runStep({
      variables: ready,
      options: 'array',
      environment: { PATH: `${folder}:${process.env['PATH']}` },
    });
    rmSync(folder, { recursive: true });
    expect(code).toBe(0);
  });
});

describe('The end of the step', () => {
  it('[B5] a Node that ends before it has read what it is given ends the step with 1 and its own exit code in words', async () => {
    const bash = programPath('bash');
    const folder = toolFolder([], {
      node: `#!${bash}\nif [[ $1 == --version ]]; then echo v22.0.0; else exec <&-; exit 7; fi\n`,
    });
    const { code, stdout, stderr } = await runStep({
      variables: { ...ready, 'Octopus.Release.Notes': 'x'.repeat(500_000) },
      options: 'array',
      environment: { PATH: `${folder}:${process.env['PATH']}` },
    });
    rmSync(folder, { recursive: true });
    expect({ code, stderr }, stdout).toEqual({ code: 1, stderr: '' });
    expect(messages(stdout, 'resultMessage', 'message').join()).toContain('ended unexpectedly (exit code 7)');
  });

  it.each([
    { does: 'exit 0', code: 0 },
    { does: 'exit 1', code: 1 },
    { does: 'exit 3', code: 1 },
    { does: 'crash', code: 1 },
    { does: 'abort', code: 1 },
  ])(
    '[B5] an action that does "$does" ends the step with $code and leaves no file',
    async ({ does, code }) => {
      const ended = await runStep({
        variables: { ...ready, 'Octopus.Release.Notes': does },
        options: 'array',
      });
      expect({ code: ended.code, left: ended.left }, ended.stdout).toEqual({ code, left: [] });
      if (does.startsWith('exit')) expect(ended.stderr).toBe('');
      const unexpected = does !== 'exit 0' && does !== 'exit 1' && does !== 'crash';
      expect(messages(ended.stdout, 'resultMessage', 'message').join().includes('unexpectedly')).toBe(
        unexpected,
      );
    },
  );

  it('[F7] a Node that ends with 0 and has run no action lets no deployment go', async () => {
    const node = `#!${programPath('bash')}\nif [[ $1 == --version ]]; then echo v22.1.0; fi\n`;
    const folder = toolFolder([], { node });
    const { code, stdout, stderr } = await runStep({
      variables: ready,
      options: 'array',
      environment: { PATH: `${folder}:${process.env['PATH']}` },
    });
    rmSync(folder, { recursive: true });
    expect({ code, stderr }, stdout).toEqual({ code: 1, stderr: '' });
    expect(messages(stdout, 'resultMessage', 'message').join()).toContain('ended unexpectedly (exit code 0)');
  });

  it('[F7] nor does a module that the worker makes Node load first', async () => {
    const folder = toolFolder([], { 'early.cjs': 'process.exit(0);' });
    const { code, stdout } = await runStep({
      variables: ready,
      options: 'array',
      environment: { NODE_OPTIONS: `--require ${folder}/early.cjs` },
    });
    rmSync(folder, { recursive: true });
    expect(code, stdout).toBe(1);
  });

  it.each(['', 'array', 'errexit', 'nounset', 'array errexit nounset'])(
    '[B4] [B5] the shell is as it was before the step, under the options "%s"',
    async (options) => {
      const { code, stdout, stderr, left } = await runStep({
        variables: ready,
        options: `${options} compare`,
      });
      expect({ code, stderr, left }, stdout).toEqual({ code: 0, stderr: '', left: [] });
      expect(stdout).toContain('Compared.');
      expect(stdout).not.toContain('The body has changed');
    },
  );

  it.each(['jsm_code', 'jsm_value', 'jsm_pairs', 'jsm_change_outcome'])(
    '[F7] lets no deployment go when someone has made $%s read-only',
    async (name) => {
      const { code, stdout, left } = await runStep({
        // Zero is what a careless end of the step would take for "all is well".
        module: `readonly ${name}=0`,
        variables: { ...ready, 'Octopus.Release.Notes': 'exit 1' },
        options: 'array',
      });
      expect({ code, left }, stdout).toEqual({ code: 1, left: [] });
    },
  );

  it.each([
    { module: "trap 'echo bye' EXIT; trap 'echo stop' TERM HUP; trap '' PIPE INT" },
    { module: "IFS=':/'; set -f -o pipefail" },
    { module: 'shopt -s nocasematch extglob failglob nullglob' },
    { module: 'node() { echo hijacked; }; wait() { echo hijacked; }; sed() { :; }; base64() { :; }' },
    { module: "trap 'echo trapped' ERR; set -E" },
    { module: 'readonly code=0 name=x value= node=y version=1 names=z key= line= pid=1 out=2' },
    { module: 'value=1; names=x; declare -A octopus_parameters=(); exec 10>&1 63>&1' },
  ])(
    '[B4] keeps what a script module has set up, and does not stumble over it: $module',
    async ({ module }) => {
      const variables = { ...ready, 'Octopus.JiraServiceManagement.Field[*]': 'a:b/c *\n' };
      const { code, stdout, stderr, left } = await runStep({ variables, module, options: 'compare' });
      expect({ code, stderr, left }, stdout).toEqual({ code: 0, stderr: '', left: [] });
      expect(environmentOf(stdout)).toMatchObject(variables);
      expect(stdout).toContain('Compared.');
      expect(stdout).not.toContain('The body has changed');
      expect(stdout).not.toMatch(/hijacked|trapped|stop/);
    },
  );

  it.each(['', 'array'])(
    '[X3] a script module that traces commands does not show values ("%s")',
    async (options) => {
      const { code, stdout, stderr } = await runStep({ variables: ready, options: `${options} xtrace` });
      expect(code).toBe(0);
      expect(stderr).not.toContain(ready['JsmChange.Token']);
      // The one line that may hold it is the echoing action's own.
      expect(stdout.split('\n').filter((line) => line.includes(ready['JsmChange.Token']))).toHaveLength(1);
    },
  );

  it('needs no more of the worker than Bash, OpenSSL and what busybox has', async () => {
    const folder = toolFolder(['bash', 'openssl', 'node', 'busybox'], {});
    for (const tool of busyboxTools) {
      const script = toolFolder([], { [tool]: `#!${programPath('bash')}\nexec busybox ${tool} "$@"\n` });
      const { renameSync } = await import('node:fs');
      renameSync(`${script}/${tool}`, `${folder}/${tool}`);
      rmSync(script, { recursive: true });
    }
    const { code, stdout, stderr } = await runStep({
      variables: { ...ready, 'Octopus.JiraServiceManagement.Field[Añadido]': '世界\n\n' },
      environment: { PATH: folder },
      bash: programPath('bash'),
    });
    rmSync(folder, { recursive: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('"Octopus.JiraServiceManagement.Field[Añadido]":"世界\\n\\n"');
    expect(stdout).toContain('"Octopus.Project.Name":"Web Site"');
  });
});

describe('A launcher that is killed', () => {
  const waiting = { ...ready, 'Octopus.Release.Notes': 'wait' };

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '[B6] by %s takes the action with it in the middle of a wait, and leaves no file',
    async (signal) => {
      const step = startStep({ variables: waiting, options: 'array' });
      const pid = pidOf(await step.printed('TICK'));
      expect(isAlive(pid)).toBe(true);
      step.process.kill(signal);
      await expectEnd(pid, 5000);
      const { code, stdout } = await step.ended;
      expect(readdirSync(step.temporary)).toEqual([]);
      rmSync(step.temporary, { recursive: true });
      if (signal === 'SIGKILL') return;
      expect(code).toBe(1);
      expect(stdout).toContain('STOPPED');
    },
  );

  it('[B6] by SIGKILL before it has handed over everything starts no action', async () => {
    const bash = programPath('bash');
    // A Node that is slow to start: the launcher dies while the bundle is under way.
    const node = `#!${bash}\nif [[ $1 == --version ]]; then echo v20.0.0; exit; fi\necho STARTING\nsleep 1\nexec ${programPath('node')} "$@"\n`;
    const folder = toolFolder([], { node });
    const step = startStep({
      variables: { ...waiting, 'Octopus.Release.Number': 'x'.repeat(500_000) },
      options: 'array',
      environment: { PATH: `${folder}:${process.env['PATH']}` },
    });
    await step.printed('STARTING');
    step.process.kill('SIGKILL');
    const { stdout } = await step.ended;
    rmSync(folder, { recursive: true });
    expect(stdout).not.toContain('RUN');
    expect(readdirSync(step.temporary)).toEqual([]);
    rmSync(step.temporary, { recursive: true });
  });
});

describe('A secret', () => {
  it.each(['array', ''])(
    '[B4] [X3] is on no command line, in no file and in no environment that others see ("%s")',
    async (options) => {
      const token = 'S3cret/Token+of=the gate';
      const forms = [token, Buffer.from(token).toString('base64'), encodeURIComponent(token)];
      const step = startStep({
        variables: { 'JsmChange.Token': token, 'Octopus.Release.Notes': 'wait' },
        options,
      });
      let ticking = false;
      const printed = step.printed('TICK').then(() => {
        ticking = true;
      });
      const found = new Set<string>();
      let looks = 0;
      while (!ticking || looks < 20) {
        for (const place of placesOf(step.temporary)) {
          if (forms.some((form) => place.text.includes(form))) found.add(place.name);
        }
        looks += 1;
        await sleep(3);
      }
      await printed;
      step.process.kill('SIGTERM');
      const { stderr, stdout } = await step.ended;
      rmSync(step.temporary, { recursive: true });
      expect([...found]).toEqual([]);
      expect(looks).toBeGreaterThanOrEqual(20);
      expect(stderr).toBe('');
      // The search does find what is there: the echoing action prints its environment.
      expect(stdout).toContain(token);
    },
  );

  /** Every command line and environment on the machine, and every file in a folder. */
  function placesOf(folder: string): { readonly name: string; readonly text: string }[] {
    const places = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`]);
    for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) places.push(`${file.parentPath}/${file.name}`);
    }
    return places.flatMap((name) => {
      try {
        return [{ name, text: readFileSync(name, 'latin1') }];
      } catch {
        // A process or a file that has ended since.
        return [];
      }
    });
  }
});

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

async function expectEnd(pid: number, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (isAlive(pid) && Date.now() < deadline) await sleep(50);
  expect(isAlive(pid)).toBe(false);
}
