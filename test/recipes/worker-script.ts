import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Script } from '../sandbox/octopus/process.ts';
import { program } from '../sandbox/octopus/script.ts';

/** Stand-ins for the programs that the recipes' scripts call: each prints its arguments. */
const programs = mkdtempSync(join(tmpdir(), 'recipe-'));
afterAll(() => rmSync(programs, { recursive: true }));
for (const name of ['octopus', 'curl']) {
  writeFileSync(join(programs, name), `#!/bin/sh\nprintf '%s' "${name}"; printf ' <%s>' "$@"; echo\n`);
  chmodSync(join(programs, name), 0o755);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A recipe's script, with Octopus' function for variables. */
export function workerScript(body: string): Script {
  return (run) => {
    const entries = Object.entries(run.variables).map(
      ([name, value]) => `[${quoted(name)}]=${quoted(value)}`,
    );
    const prelude = `PATH=${quoted(programs)}:$PATH
declare -A variables=(${entries.join(' ')})
get_octopusvariable() { printf %s "\${variables[$1]}"; }`;
    return program({ command: 'bash', args: ['-c', `${prelude}\n${body}`] })(run);
  };
}
