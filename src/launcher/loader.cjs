// Starts the action inside Node: `node -e "<this text>"`, the same for both script bodies.
//
// How the script body and this talk:
// - The body writes to stdin, each item followed by a NUL byte: the bundle (see below), the key, then name, value,
//   name, value ... of the variables in UTF-8, then an empty name. It then keeps stdin open: its end says that the body
//   was killed, and ends the action too.
// - The key is a random value of this run in ASCII, in stdin only. The answers are lines on stderr, each the key in
//   reverse order, a space and a word: `begun` immediately before the action runs, then, as the last act of the
//   process, `allowed` or `ended` (blocked, and the action has said why). A program that repeats its input gives none
//   of them.
// - The body exits with 0 for `allowed` with exit code 0, and for nothing else. After `ended` it exits with 1 and adds
//   nothing. Without `begun` it reports that Node ended before the action began, else that the action ended
//   unexpectedly. All other lines on stderr are Node's own words: the body shows them as a warning on stdout.
//
// So nothing secret is on a command line, in a file or in an environment, no limit of an environment applies to a
// variable, and the action runs from memory: the change record is all that it leaves on the worker's disk.
//
// This text travels minified, in quotes: it contains no double quote and no backslash.
const { writeSync } = require('node:fs');
const { compileFunction } = require('node:vm');
const { brotliDecompressSync } = require('node:zlib');

const input = process.stdin;
const lineEnd = String.fromCharCode(10);
const received = [];
let started = false;

// Writes lines to the body. The pipe may be full for a moment; a body that is gone needs no word.
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

// The bundle is Brotli in digits of base 93, as scripts/packing.ts writes them: two digits carry 13 bits, or 14 if the
// lower 13 of them are less than 93 * 93 - 8192. All else is skipped: ends of lines, and the byte order mark that .NET
// Framework writes in some code pages. The bytes take the place of the digits that they are read from.
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
  // What the worker's environment has under such names, in any case, is not from Octopus.
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
  // In a turn of its own: what goes wrong in the action has nothing to do with its unpacking.
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
