import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { bodyAround, sourceText } from './bash-step.ts';

/** The functions of a script as Bash itself prints them, without the values that the build fills in. */
function functionsOf(script: string): string {
  const functions = script.slice(0, script.indexOf('\njsm_change_traps='));
  const { stdout } = spawnSync('bash', ['-s'], { input: `${functions}\ndeclare -f`, encoding: 'utf8' });
  return stdout
    .replaceAll(/(jsm_exact_names|jsm_pattern_ends)=\(.*\)/g, '$1')
    .replaceAll(/(jsm_loader|jsm_bundle)='.*'/gs, '$1')
    .replace("'__OPERATION__'", "''");
}

it('the body is for Bash what the source is: only comments, empty lines and indentation are gone', () => {
  const source = functionsOf(sourceText('bash.sh'));
  expect(source).toContain('jsm_change_launch ()');
  expect(source).toContain('local jsm_loader');
  expect(functionsOf(bodyAround('run();'))).toBe(source);
});
