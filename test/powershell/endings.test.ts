import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { bodyAround } from './body.ts';
import { failure, onEach, onLinux, thoroughEngines, told } from './cases.ts';
import { run } from './engine.ts';

const printing = bodyAround('print-environment.cjs');
const notAffected = 'The change request was not updated. The deployment is not affected.';

onEach(thoroughEngines, (engine) => {
  it('[B5] keeps everything that the action writes before it ends', async () => {
    const end = await run(engine, { body: bodyAround('flood.cjs') });
    expect(end.stdout.split('\n')).toHaveLength(5002);
    expect(end.stdout).toMatch(/the last line\n$/);
    expect(end).toMatchObject({ code: 1, stderr: '' });
  });

  it('[B5] shows stderr of Node as a warning, and proceeds', async () => {
    const words = 'process.stderr.write("(node:1) Warning: \\u00f6 ##octopus[x]\\n\\nno line end");';
    const end = await run(engine, {
      body: bodyAround(`${words} process.on("exit", () => launcher.end(true));`),
    });
    const { lines, warnings } = told(end);
    expect(lines).toEqual([]);
    expect(warnings[0]).toMatch(/^\(node:1\) Warning: \?+ \?octopus\[x\]$/);
    // The loader's sign is on a separate line.
    expect(warnings.slice(1)).toEqual(['no line end']);
    expect(end).toMatchObject({ code: 0, stderr: '', left: [] });
  });

  it('[B5] says that an action crashed, with its output as a warning', async () => {
    const end = await run(engine, { body: bodyAround("throw new Error('broken');") });
    expect(failure(end, 'Unexpected')).toMatch(/^The action ended unexpectedly \(exit code 1\)/);
    expect(told(end).warnings.join('\n')).toContain('Error: broken');
  });

  it('[B10] warns and fails no deployment if the action of a Report crashes', async () => {
    const variables = { 'JsmChange.Operation': ' report', 'Octopus.Task.Id': '7' };
    const end = await run(engine, { body: printing, variables });
    expect(told(end)).toMatchObject({
      outputs: {},
      result: undefined,
      warnings: [expect.stringMatching(`^The action ended unexpectedly \\(exit code 7\\).*${notAffected}$`)],
    });
    expect(end).toMatchObject({ code: 0, stderr: '', left: [], environmentKept: true });
  });

  it('[B4] [B5] [B6] shows no secret to others during a wait, and ends with a killed launcher', async () => {
    const secret = 'never to be seen/4711';
    const step = engine.start({ body: bodyAround('wait.cjs'), variables: { 'JsmChange.Token': secret } });
    const alive = join(step.folder, 'alive');
    await until(() => sizeOf(alive) > 0);
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
    const seen = [...processes(), ...step.watched.flatMap(contents)];
    expect(seen.some((seenText) => seenText.includes(step.inStep(step.folder)))).toBe(true);
    expect(seen.filter((seenText) => forms.some((form) => seenText.includes(form)))).toEqual([]);
    expect(step.left()).toEqual([]);

    step.kill();
    const killed = Date.now();
    const { code, left } = await step.ended;
    expect({ code, left }).toEqual({ code: -1, left: [] });
    await until(() => Date.now() - statSync(alive).mtimeMs > 1000);
    expect(statSync(alive).mtimeMs - killed).toBeLessThan(5000);
  });
});

onEach(onLinux, (engine) => {
  it('[B5] [B6] [B8] ends the action if PowerShell is stopped, and does not exit with 0', async () => {
    const step = engine.start({ body: bodyAround('wait.cjs') });
    const alive = join(step.folder, 'alive');
    await until(() => sizeOf(alive) > 0);
    step.kill('SIGINT');
    const stopped = Date.now();
    const { code, left } = await step.ended;
    expect(left).toEqual([]);
    expect(code).not.toBe(0);
    await until(() => Date.now() - statSync(alive).mtimeMs > 1000);
    expect(statSync(alive).mtimeMs - stopped).toBeLessThan(5000);
  });

  it('[B5] [B8] finds the sign after a flood of other output, and shows the first and last lines of it', async () => {
    const flood = 'process.stderr.write("first\\n" + "x".repeat(20e6) + "\\nlast\\n");';
    const end = await run(engine, {
      body: bodyAround(`${flood} process.on('exit', () => launcher.end(true));`),
    });
    const { warnings } = told(end);
    expect([warnings[0], warnings.at(-1)]).toEqual(['first', 'last']);
    expect(end.stdout.length).toBeLessThan(41_000);
    expect(end).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    ['ends with 0 and gives no sign', 'process.exitCode = 0;', 0],
    ['gives the sign and ends with another code', 'launcher.end(true); process.exitCode = 64;', 64],
  ])('[B8] does not proceed after an action that %s', async (_, action, exitCode) => {
    const end = await run(engine, { body: bodyAround(action) });
    expect(failure(end, 'Unexpected')).toContain(`(exit code ${exitCode})`);
  });

  it.each([
    ['Node is missing', { nodes: [] }, /has no node at all/],
    ['a variable has a NUL', { variables: { 'Octopus.Release.Notes': 'a\0b' } }, /contains a NUL character/],
    ['Node does not start', { environment: { NODE_OPTIONS: '--no-such-option' } }, /before the action began/],
  ])('[B10] fails no deployment if a Report cannot run because %s', async (_, step, why) => {
    const variables = { 'JsmChange.Operation': 'Report', ...('variables' in step ? step.variables : {}) };
    const end = await run(engine, { body: printing, ...step, variables });
    const { outputs, result, warnings, lines } = told(end);
    expect({ outputs, result, lines }).toEqual({ outputs: {}, result: undefined, lines: [] });
    expect(warnings.at(-1)).toMatch(why);
    expect(warnings.at(-1)).toContain(notAffected);
    expect(warnings.at(-1)).not.toContain('does not proceed');
    expect(end).toMatchObject({ code: 0, stderr: '', left: [], environmentKept: true });
  });
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('It did not come about within a minute.');
    await sleep(20);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** What others can see of every process: its command line and its initial environment. */
function processes(): string[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.flatMap((number) => ['cmdline', 'environ'].map((name) => textOf(`/proc/${number}/${name}`)));
}

/** The text of all files in a folder and its subfolders. */
function contents(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => textOf(join(entry.parentPath, entry.name)));
}

/** Empty if the file is gone. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
