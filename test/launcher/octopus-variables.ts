import { createCipheriv, randomBytes } from 'node:crypto';

/**
 * The script that Octopus puts before a Bash step for its variables: each value is encrypted in a function's
 * `case`, and all values are in an associative array for a server that offers one. The values are encrypted
 * here, since Bash would be slow.
 */
export function octopusVariablesScript(variables: Readonly<Record<string, string>>): string {
  const key = randomBytes(32);
  const entries = Object.entries(variables);
  const cases = entries.map(([name, value]) => {
    const iv = randomBytes(16);
    const cipher = createCipheriv('aes-256-cbc', key, iv);
    const secret = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]).toString('base64');
    return `    "${base64(name)}")
      decrypt_variable "${secret}" "${iv.toString('hex')}"
    ;;`;
  });
  return `stand_in_key=${key.toString('hex')}
declare -A stand_in_values=(
${entries.map(([name, value]) => `  [${quoted(name)}]=${quoted(value)}`).join('\n')}
)
get_octopusvariable() {
  stand_in_input=$(encode_servicemessagevalue "$1")
  case $stand_in_input in
${cases.join('\n')}
    *)
      echo ''
    ;;
  esac
}
`;
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** A word of Bash that can contain any byte. */
function quoted(text: string): string {
  const bytes = [...Buffer.from(text, 'utf8')].map((byte) =>
    /[A-Za-z0-9 ._-]/.test(String.fromCharCode(byte))
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `$'${bytes.join('')}'`;
}
