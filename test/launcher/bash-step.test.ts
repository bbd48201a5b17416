import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  bodyAround,
  environmentOf,
  messages,
  outputs,
  pidOf,
  programPath,
  runStep,
  startStep,
  toolFolder,
  variablesOf,
  warnings,
} from './bash-step.ts';

const ready = { 'Octopus.Project.Name': 'Web Site', 'JsmChange.Token': 'the token of the gate' };

describe('The end of the step', () => {
  it.each([
    { does: 'nothing', code: 0, decision: undefined },
    { does: 'blocked', code: 1, decision: undefined },
    { does: 'exit 3', code: 1, decision: 'Unexpected' },
    { does: 'crash', code: 1, decision: 'Unexpected' },
    { does: 'abort', code: 1, decision: 'Unexpected' },
  ])(
    '[B5] for an action that does "$does" has the exit code $code, no file left, and nothing on stderr',
    async ({ does, code, decision }) => {
      const ended = await runStep({
        variables: { ...ready, 'Octopus.Release.Notes': does },
        options: 'array',
      });
      const { left, stderr, stdout } = ended;
      expect({ code: ended.code, left, stderr }, stdout).toEqual({ code, left: [], stderr: '' });
      expect(outputs(stdout)['DecisionCode']).toBe(decision);
      const results = messages(stdout, 'resultMessage', 'message');
      expect(results.join().includes('ended unexpectedly')).toBe(decision !== undefined);
      // The message of the crash is shown.
      expect(warnings(stdout).join().includes('crashed on order')).toBe(does === 'crash');
    },
  );

  it('[B5] shows stderr of Node as a warning, and an approved deployment proceeds', async () => {
    const { code, stdout, stderr } = await runStep({
      variables: ready,
      options: 'array',
      body: bodyAround(
        "process.emitWarning('an odd thing'); process.once('exit', () => launcher.end(true));",
      ),
    });
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    expect(warnings(stdout).join()).toContain('an odd thing');
  });

  it.each([
    {
      what: 'a service message',
      said: "##octopus[setVariable name='eA==' value='eQ==']",
      shown: /^\?\?octopus/,
    },
    { what: 'a line without a line end', said: 'one\ntwo', shown: /^two$/ },
    { what: 'text beyond ASCII', said: 'Größe\x1b[31m', shown: /^Gr\?+e\?\[31m/ },
    { what: 'more than a pipe carries', said: 'x'.repeat(300_000), shown: /^x{1000}$/ },
  ])('[B5] [X1] is not harmed by $what on stderr', async ({ said, shown }) => {
    const { code, stdout, stderr } = await runStep({
      variables: { ...ready, 'Octopus.Release.Notes': `say ${said}` },
      options: 'array',
    });
    expect({ code, stderr }, stdout.slice(0, 3000)).toEqual({ code: 0, stderr: '' });
    expect(warnings(stdout)).toContainEqual(expect.stringMatching(shown));
    expect(outputs(stdout)).toEqual({});
  });

  it.each(['', 'array', 'errexit', 'nounset', 'array errexit nounset'])(
    '[B4] [B5] leaves the shell as it was before, with the options "%s"',
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

  it.each([
    'jsm_code',
    'jsm_value',
    'jsm_pairs',
    'jsm_end',
    'jsm_sign',
    'jsm_text',
    'jsm_change_outcome',
    'jsm_change_traps',
    'jsm_change_saved',
  ])('[F7] does not proceed if somebody made $%s read-only', async (name) => {
    const { code, stdout, left } = await runStep({
      // A careless end of the step would treat zero as success.
      module: `readonly ${name}=0`,
      variables: { ...ready, 'Octopus.Release.Notes': 'blocked' },
      options: 'array',
    });
    expect({ code, left }, stdout).toEqual({ code: 1, left: [] });
  });

  it.each(['blocked', 'exit 0', 'crash'])(
    '[B8] does not let an EXIT trap with exit code 0 allow the deployment, but the trap runs ("%s")',
    async (does) => {
      const { code, stdout, stderr } = await runStep({
        module: "trap 'echo cleaned up; exit 0' EXIT",
        variables: { ...ready, 'Octopus.Release.Notes': does },
        options: 'array',
      });
      expect({ code, stderr }, stdout).toEqual({ code: 1, stderr: '' });
      expect(stdout.match(/^cleaned up$/gm)).toHaveLength(1);
    },
  );

  it.each([
    { module: "trap 'exit 0' CHLD", does: 'nothing' },
    { module: "trap 'exit 0' CHLD", does: 'blocked' },
    { module: "trap 'exit 0' CHLD; trap 'sleep 0' EXIT", does: 'blocked' },
    { module: "trap 'exit 0' TERM; trap 'kill -TERM $$' EXIT", does: 'blocked' },
    { module: "readonly jsm_change_traps=; trap 'exit 0' CHLD EXIT", does: 'blocked' },
  ])(
    '[B8] does not let a trap with exit code 0 for a signal allow the deployment: $module ("$does")',
    async ({ module, does }) => {
      const { code, stdout } = await runStep({
        module,
        variables: { ...ready, 'Octopus.Release.Notes': does },
        options: 'array',
      });
      expect(code, stdout).not.toBe(0);
    },
  );

  it('[B8] does not let a second signal, during the EXIT trap, end the step with the exit code 0', async () => {
    const step = startStep({
      module: "trap 'exit 0' USR1; trap 'kill -USR1 $$' EXIT",
      variables: { ...ready, 'Octopus.Release.Notes': 'wait' },
      options: 'array',
    });
    await step.printed('TICK');
    step.process.kill('SIGUSR1');
    const { code, stdout } = await step.ended;
    rmSync(step.temporary, { recursive: true });
    expect(code, stdout).not.toBe(0);
  });

  it.each([
    { module: "trap 'echo child' CHLD" },
    { module: "trap 'echo bye' EXIT; trap 'echo stop' TERM HUP; trap '' PIPE INT" },
    { module: "IFS=':/'; set -f -o pipefail" },
    { module: 'shopt -s nocasematch extglob failglob nullglob' },
    { module: 'node() { echo hijacked; }; wait() { echo hijacked; }; sed() { :; }; base64() { :; }' },
    { module: "trap 'echo trapped' ERR; set -E" },
    { module: 'readonly code=0 name=x value= node=y version=1 names=z key= line= pid=1 out=2' },
    { module: 'value=1; names=x; declare -A octopus_parameters=(); exec 10>&1 63>&1' },
  ])(
    '[B4] keeps what a script module has set up, which does not disturb the body: $module',
    async ({ module }) => {
      const variables = { ...ready, 'Octopus.JiraServiceManagement.Field[*]': 'a:b/c *\n' };
      const { code, stdout, stderr, left } = await runStep({ variables, module, options: 'compare' });
      expect({ code, stderr, left }, stdout).toEqual({ code: 0, stderr: '', left: [] });
      expect(variablesOf(stdout)).toEqual(variables);
      expect(stdout).toContain('Compared.');
      expect(stdout).not.toContain('The body has changed');
      expect(stdout).not.toMatch(/hijacked|trapped|stop/);
    },
  );

  it.each(['', 'array'])(
    '[X3] shows no values if a script module traces commands ("%s")',
    async (options) => {
      const { code, stdout, stderr } = await runStep({ variables: ready, options: `${options} xtrace` });
      expect(code).toBe(0);
      expect(stderr).not.toContain(ready['JsmChange.Token']);
      // Only the line from the echoing action may contain the token.
      expect(stdout.split('\n').filter((line) => line.includes(ready['JsmChange.Token']))).toHaveLength(1);
    },
  );
});

describe('A script module that exports every variable', () => {
  it.each(['', 'array'])(
    '[B4] [X3] shows other programs neither a value nor the proof of an answer ("%s")',
    async (options) => {
      const openssl = `openssl() { ! env | grep -q '^jsm_value=' || echo EXPORTED; ${programPath('openssl')} "$@"; }`;
      const { code, stdout } = await runStep({
        variables: ready,
        module: `set -a; ${openssl}`,
        options: `${options} compare`,
      });
      expect(code, stdout).toBe(0);
      expect(stdout).toContain('Compared.');
      expect(stdout).not.toContain('The body has changed');
      const names = Object.keys(environmentOf(stdout));
      expect(names.filter((name) => /^jsm_(?!change_)/.test(name))).toEqual([]);
      expect(variablesOf(stdout)).toEqual(ready);
    },
  );
});

describe('A launcher that is killed', () => {
  const waiting = { ...ready, 'Octopus.Release.Notes': 'wait' };

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '[B6] by %s during a wait ends the action too, and leaves no file',
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

  it('[B6] by SIGKILL before it has sent everything starts no action', async () => {
    const bash = programPath('bash');
    // With a Node that starts slowly, the launcher dies while it sends the bundle.
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
    '[B4] [X3] is on no command line, in no file and in no environment that others can see ("%s")',
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
      let checks = 0;
      while (!ticking || checks < 20) {
        for (const place of placesOf(step.temporary)) {
          if (forms.some((form) => place.text.includes(form))) found.add(place.name);
        }
        checks += 1;
        await sleep(3);
      }
      await printed;
      step.process.kill('SIGTERM');
      const { stderr, stdout } = await step.ended;
      rmSync(step.temporary, { recursive: true });
      expect([...found]).toEqual([]);
      expect(checks).toBeGreaterThanOrEqual(20);
      expect(stderr).toBe('');
      // The search does work: the echoing action prints its environment.
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
        // The process or file has ended since.
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
