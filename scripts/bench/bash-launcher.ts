import { spawnSync } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptBodyOf } from './bodies.ts';
import type { Launcher } from './launcher.ts';
import { timeToExit } from './timed-process.ts';

/**
 * The Bash body, preceded by what Octopus puts before it: its functions, and the variables, each encrypted
 * separately.
 */
export function bashLauncher(): Launcher {
  const missing = ['bash', 'openssl'].filter(
    (program) => spawnSync('bash', ['-c', `type -P ${program}`]).status !== 0,
  );
  return {
    name: 'Bash',
    missing: missing.length > 0 ? `needs ${missing.join(' and ')}` : undefined,
    prepare: async () => undefined,
    open: async (variables) => {
      const folder = await mkdtemp(join(tmpdir(), 'bench-bash-'));
      const prelude = preludeOf(variables);
      const run = async (name: string, body: string): Promise<() => Promise<number>> => {
        const file = join(folder, name);
        await writeFile(file, `${prelude}\n${body}`);
        const environment = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8' };
        return () => timeToExit({ file: 'bash', options: [file], environment });
      };
      return {
        body: await run('body.sh', await scriptBodyOf('Bash')),
        floor: await run('floor.sh', ':'),
        close: () => rm(folder, { recursive: true }),
      };
    },
  };
}

/**
 * Does what `test/launcher/octopus-bootstrap.sh` does, but encrypts here, so that it takes no time in Bash.
 */
function preludeOf(variables: Readonly<Record<string, string>>): string {
  const key = randomBytes(32);
  const cases = Object.entries(variables).map(([name, value]) => {
    const iv = randomBytes(16);
    const cipher = createCipheriv('aes-256-cbc', key, iv);
    const secret = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]).toString('base64');
    return `    "${Buffer.from(name).toString('base64')}")\n      decrypt_variable "${secret}" "${iv.toString('hex')}"\n    ;;`;
  });
  return `encode_servicemessagevalue() {
  printf '%s' "$1" | openssl enc -base64 -A
}
decrypt_variable() {
  printf '%s\\n' "$1" | openssl enc -d -a -A -aes-256-cbc -nosalt -K "${key.toString('hex')}" -iv "$2"
}
get_octopusvariable() {
  local input
  input=$(encode_servicemessagevalue "$1")
  case $input in
${cases.join('\n')}
    *)
      echo ''
    ;;
  esac
}`;
}
