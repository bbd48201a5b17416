import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bodyAround, messages, outputs, runStep, runStepWithNode, toolFolder } from './bash-step.ts';

const operations = ['Gate', 'Verify', 'Request', 'Test'];
const variables = { 'Octopus.Project.Name': 'Web Site', 'JsmChange.Token': 'the token of the gate' };
const answersVersion = 'if [[ $1 == --version ]]; then echo v24.1.0; exit; fi';

describe('The proof that lets a step exit with 0', () => {
  it.each([0, 1, 2, 64, 99, 137, 255])(
    '[B8] is not the exit code %i of a program called node',
    async (code) => {
      const ended = await runStepWithNode(`${answersVersion}; exit ${code}`, { variables });
      expect({ code: ended.code, stderr: ended.stderr }, ended.stdout).toEqual({ code: 1, stderr: '' });
      expect(messages(ended.stdout, 'resultMessage', 'message').join()).toContain(
        `ended before the action began (exit code ${code})`,
      );
      expect(outputs(ended.stdout)).toMatchObject({ Decision: 'Error', DecisionCode: 'NotStarted' });
    },
  );

  it.each([
    { what: 'its input', script: 'cat; cat >&2' },
    { what: 'its input, on both outputs', script: 'tee /dev/stderr' },
    { what: 'its input, one item per line', script: "tr '\\0' '\\n' >&2" },
    { what: 'each item with the words of an answer', script: `tr '\\0' '\\n' | sed 's/$/ allowed/' >&2` },
    { what: 'its arguments', script: 'printf "%s\\n" "$@" >&2' },
    { what: 'an answer without a proof', script: 'echo " allowed" >&2; echo allowed >&2; echo allowed' },
  ])('[B8] is not given by a program that repeats $what', async ({ script }) => {
    // The body keeps the input open until the program ends, so the program has to be stopped.
    const { code, stdout } = await runStepWithNode(
      `${answersVersion}; (${script}) & sleep 1; kill $!; exit 0`,
      { variables },
    );
    expect(code, stdout.slice(0, 2000)).toBe(1);
  });

  it('[B8] is not an answer from an earlier run', async () => {
    const folder = toolFolder([]);
    const environment = { ANSWERS: `${folder}/answers` };
    const version = 'if [[ $1 == --version ]]; then echo v22.0.0; exit; fi';
    const record = `${version}; "$real" "$@" 2>"$ANSWERS"; code=$?; cat "$ANSWERS" >&2; exit $code`;
    const first = await runStepWithNode(record, { variables, environment });
    expect(first.code, first.stdout).toBe(0);
    const second = await runStepWithNode(`${version}; cat "$ANSWERS" >&2; exit 0`, {
      variables,
      environment,
    });
    rmSync(folder, { recursive: true });
    expect(second.code).toBe(1);
  });

  it.each([
    { when: 'before anything else', module: 'process.exit(0);' },
    { when: 'in the middle of the action', module: 'setTimeout(() => process.exit(0), 300);' },
    { when: 'when it gets SIGTERM', module: "process.on('SIGTERM', () => process.exit(0));" },
    { when: 'in its last act', module: "process.on('exit', () => process.exit(0));" },
  ])('[B8] is not given by a preloaded module that ends Node with 0 $when', async ({ module }) => {
    const folder = toolFolder([], { 'early.cjs': module });
    const { code, stdout } = await runStep({
      variables,
      options: 'array',
      environment: { NODE_OPTIONS: `--require ${folder}/early.cjs` },
      body: bodyAround(`
        process.exitCode = 1;
        process.once('exit', () => launcher.end(false));
        setTimeout(() => process.kill(process.pid, 'SIGTERM'), 1000);
        setTimeout(() => {}, 2000);`),
    });
    rmSync(folder, { recursive: true });
    expect(code, stdout).toBe(1);
  });

  it('[B8] is not given by an action without an answer, or by one that answers and then fails', async () => {
    for (const action of ['', 'process.exitCode = 0;', 'launcher.end(true); process.exitCode = 3;']) {
      const { code, stdout } = await runStep({ variables, options: 'array', body: bodyAround(action) });
      expect(code, stdout).toBe(1);
      expect(outputs(stdout)['DecisionCode']).toBe('Unexpected');
    }
  });

  it.each([
    "set -T; trap '[[ $BASH_COMMAND != jsm_change_find_node ]] || exit 0' DEBUG",
    'set() { exit 0; }',
    'eval() { exit 0; }; unset() { exit 0; }',
    'readonly jsm_change_outcome=go',
  ])('[B8] is not given by a script module that ends the script early: %s', async (module) => {
    const { code, stdout } = await runStep({
      module,
      variables: { ...variables, 'Octopus.Release.Notes': 'blocked' },
      options: 'array',
    });
    expect(code, stdout).toBe(1);
  });

  it('[B8] is a value of this run, even if $RANDOM always has the same values', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { stdout } = await runStepWithNode(
      `${answersVersion}; read -r -d '' bundle; read -r -d '' key; echo "KEY $key"`,
      { variables, module: 'RANDOM=1' },
    );
    const [, time] = /^KEY [0-9a-f]{32}-(\d+)-\d+$/m.exec(stdout) ?? [];
    expect(Number(time), stdout).toBeGreaterThanOrEqual(before);
    expect(Number(time)).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it.each([...operations, 'Report'])(
    '[B8] is the answer of the action in the operation %s',
    async (operation) => {
      const given = { ...variables, 'JsmChange.Operation': operation };
      const allowed = await runStep({ variables: given, options: 'array' });
      expect({ code: allowed.code, stderr: allowed.stderr }, allowed.stdout).toEqual({ code: 0, stderr: '' });
      const blocked = await runStep({
        variables: { ...given, 'Octopus.Release.Notes': 'blocked' },
        options: 'array',
      });
      expect(blocked.code).toBe(1);
      expect(messages(blocked.stdout, 'resultMessage', 'message')).toEqual([]);
    },
  );
});
