import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { bodyAround, sourceText } from './bash-step.ts';

/** The functions of a script as Bash prints them, without the values that the build fills in. */
function functionsOf(script: string): string {
  const functions = script.slice(0, script.indexOf('\nbuiltin unset -v jsm_change_outcome'));
  const { stdout } = spawnSync('bash', ['-s'], { input: `${functions}\ndeclare -f`, encoding: 'utf8' });
  return stdout
    .replaceAll(/(jsm_exact_names|jsm_pattern_ends)=\(.*\)/g, '$1')
    .replaceAll(/(jsm_loader|jsm_bundle)='.*'/gs, '$1')
    .replace("'__OPERATION__'", "''");
}

it('Bash sees the same functions in the body as in the source: only comments, empty lines and indentation are removed', () => {
  const source = functionsOf(sourceText('bash.sh'));
  expect(source).toContain('jsm_change_launch ()');
  expect(source).toContain('local jsm_loader');
  expect(functionsOf(bodyAround('run();'))).toBe(source);
});
