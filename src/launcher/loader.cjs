// Starts the action inside Node: `node -e "<this text>"`, the same for both script bodies.
//
// The protocol between the script body and this loader:
// - The body writes to stdin, with a NUL byte after each item: the bundle (see below), the key, then name,
//   value, name, value ... of the variables in UTF-8, then an empty name. It keeps stdin open: if stdin ends,
//   the body was killed, and the action ends too.
// - The key is a random ASCII value for this run, passed only through stdin. The loader answers with status
//   lines on stderr, each the reversed key, a space and a word: `begun` immediately before the action runs
//   and, as the last act of the process, `allowed` or `ended` (blocked, and the action has said why). A
//   program that echoes its input prints none of these lines.
// - The body exits with 0 only for `allowed` together with exit code 0. After `ended` it exits with 1 and
//   adds nothing. Without `begun` it reports that Node ended before the action began; in all other cases,
//   that the action ended unexpectedly. All other lines on stderr come from Node, and the body shows them as
//   a warning on stdout.
//
// So no secret is on a command line, in a file or in an environment, the size limits of an environment do not
// apply to variables, and the action runs from memory: only the change record is left on the worker's disk.
//
// The minified code is embedded in quotes, so it contains no double quote and no backslash.
const { writeSync } = require('node:fs');
const { compileFunction } = require('node:vm');
const { brotliDecompressSync } = require('node:zlib');

const input = process.stdin;
const lineEnd = String.fromCharCode(10);
const received = [];
let started = false;

// Writes lines to the body. Retries while the pipe is full; gives up if the body is gone.
const say = (words) => {
  let rest = Buffer.from(lineEnd + words + lineEnd);
  for (let tries = 0; rest.length > 0 && tries < 500; tries += 1) {
    try {
      rest = rest.subarray(writeSync(2, rest));
    } catch (problem) {
      if (problem.code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
};

// The bundle is compressed with Brotli and encoded in base 93 by scripts/packing.ts: two digits carry 13
// bits, or 14 if the lower 13 bits are less than 93 * 93 - 8192. All other characters are skipped: line ends,
// and the byte order mark that .NET Framework writes in some code pages. The decoded bytes overwrite the
// digits in the same buffer.
const unpack = (packed) => {
  const digits = packed.replace(/[^!-~]+/g, '').replaceAll('~', String.fromCharCode(39));
  const bytes = Buffer.from(digits, 'latin1');
  let length = 0;
  let held = 0;
  let bits = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    const pair = bytes[at] - 33 + 93 * (bytes[at + 1] - 33);
    held |= pair << bits;
    for (bits += (pair & 8191) < 457 ? 14 : 13; bits > 7; bits -= 8) {
      bytes[length] = held;
      length += 1;
      held >>>= 8;
    }
  }
  return brotliDecompressSync(bytes.subarray(0, length)).toString();
};

const run = (items) => {
  const sign = [...items[1]].reverse().join('');
  const bundle = unpack(items[0]);
  const action = compileFunction(bundle, ['require', 'module', 'launcher'], { filename: 'jsm-change-gate' });
  // Variables with such names, in any case, in the worker's environment are not from Octopus.
  for (const name of Object.keys(process.env)) {
    if (/^(JsmChange|Octopus)[.]/i.test(name)) delete process.env[name];
  }
  const variables = {};
  for (let at = 2; items[at]; at += 2) variables[items[at]] = items[at + 1];
  const launcher = {
    variables,
    bundle,
    // The build puts the template's version here.
    template: '__TEMPLATE__',
    end: (allowed) => say(`${sign} ${allowed ? 'allowed' : 'ended'}`),
  };
  // In a separate turn of the event loop, so that an error of the action does not count as one of unpacking.
  setImmediate(() => {
    say(`${sign} begun`);
    action(require, {}, launcher);
  });
};

input.on('data', (chunk) => {
  if (started) return;
  received.push(chunk);
  if (chunk[chunk.length - 1] !== 0) return;
  const items = Buffer.concat(received).toString().split(String.fromCharCode(0));
  let at = 2;
  while (items[at]) at += 2;
  if (at > items.length - 2) return;
  started = true;
  received.length = 0;
  input.unref();
  try {
    run(items);
  } catch (problem) {
    say(`The action could not be unpacked: ${problem.message}`);
    process.exitCode = 1;
    input.destroy();
  }
});
input.on('end', () => process.exit(1));
input.on('error', () => process.exit(1));
