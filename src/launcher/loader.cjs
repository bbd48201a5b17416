// Starts the action inside Node: `node -e "<this text>"`, the same for both script bodies.
//
// The script body writes to stdin, each item followed by a NUL byte: the bundle (Brotli, base64), then name, value,
// name, value ... of the variables in UTF-8, then an empty name. It then keeps stdin open: its end says that the body
// was killed, and ends the action too. So nothing secret stands on a command line, in a file or in the body's own
// environment, no limit of a command line applies, and the one file that Node needs is gone before the action begins.
//
// This text travels between double quotes: it holds no double quote and no backslash, and its comments stand on lines
// of their own.
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { brotliDecompressSync } = require('node:zlib');

const input = process.stdin;
const received = [];
let started = false;

const fail = (message) => {
  process.stdout.write(
    `##octopus[resultMessage message='${Buffer.from(message).toString('base64')}']${String.fromCharCode(10)}`,
  );
  process.exitCode = 1;
  input.destroy();
};

const hand = (name, value) => {
  const tooLong = process.platform === 'win32' && value.length > 32767;
  if (!tooLong && !name.includes('=')) process.env[name] = value;
  if (tooLong || (process.env[name] || '') !== value)
    return `The variable ${name} cannot be handed to the action: ${
      tooLong
        ? 'its value is longer than the 32,767 characters that Windows allows in an environment.'
        : 'its name holds a character that a name in the environment cannot have, such as an equals sign.'
    }`;
};

const run = (items) => {
  // What the worker's own environment holds under these names is not what Octopus said.
  for (const name of Object.keys(process.env)) {
    if (/^(JsmChange|Octopus)[.]/i.test(name)) delete process.env[name];
  }
  for (let at = 1; items[at]; at += 2) {
    const problem = hand(items[at], items[at + 1]);
    if (problem) return fail(problem);
  }
  const folder = mkdtempSync(join(tmpdir(), 'jsm-change-gate-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const file = join(folder, 'action.mjs');
  process.once('exit', remove);
  // By its first statement the bundle is in memory: its file can go, so that no killed run leaves it behind.
  process.once('action-read', remove);
  writeFileSync(file, `process.emit('action-read');${brotliDecompressSync(Buffer.from(items[0], 'base64'))}`);
  process.argv.push(file);
  import(pathToFileURL(file));
};

input.on('data', (chunk) => {
  if (started) return;
  received.push(chunk);
  if (chunk[chunk.length - 1] !== 0) return;
  const items = Buffer.concat(received)
    .toString()
    .replace(/^[^A-Za-z0-9+/]+/, '')
    .split(String.fromCharCode(0));
  let at = 1;
  while (items[at]) at += 2;
  if (at > items.length - 2) return;
  started = true;
  received.length = 0;
  input.unref();
  try {
    run(items);
  } catch (problem) {
    fail(`The action could not be unpacked: ${problem.message}`);
  }
});
input.on('end', () => process.exit(1));
input.on('error', () => process.exit(1));
