// Starts the action inside Node: `node -e "<this text>"`, the same for both script bodies.
//
// The script body writes to stdin, each item followed by a NUL byte: the bundle (Brotli, base64), then name, value,
// name, value ... of the variables in UTF-8, then an empty name. It then keeps stdin open: its end says that the body
// was killed, and ends the action too. So nothing secret stands on a command line, in a file or in the body's own
// environment, no limit of a command line applies, and nothing is written to the worker's disk: the action runs from
// memory.
//
// This text travels in quotes: it holds no double quote and no backslash, its comments stand on lines of their own, and
// its lines may be joined with blanks.
const { compileFunction } = require('node:vm');
const { brotliDecompressSync } = require('node:zlib');

const input = process.stdin;
const received = [];
let started = false;

const base64 = (text) => Buffer.from(text).toString('base64');

// How the action tells the script body that it has let the deployment go: a Node that ends with 0 for any other reason
// is no proof.
const letGo = 64;

// Ends the step as the script bodies themselves do: said in the log, as the gate's decision, and as the result. What
// keeps a Report from its work is a warning, and fails no deployment.
const fail = (message) => {
  const output = (name, value) => `##octopus[setVariable name='${base64(name)}' value='${base64(value)}']`;
  const operation = String(process.env['JsmChange.Operation']).trim().toLowerCase();
  const reports = operation === 'report';
  const lines = [
    ...(reports ? ['##octopus[stdout-warning]'] : []),
    message.replace(/[^ -~]|##/g, '?'),
    ...(reports ? ['##octopus[stdout-default]'] : []),
    ...(!reports && operation !== 'test'
      ? [output('Decision', 'Error'), output('DecisionReason', message)]
      : []),
    ...(reports ? [] : [`##octopus[resultMessage message='${base64(message)}']`]),
    '',
  ];
  process.stdout.write(lines.join(String.fromCharCode(10)));
  process.exitCode = reports ? letGo : 1;
  input.destroy();
};

// Puts a variable into the environment and looks whether it is there; says what is wrong with it if not.
const hand = (name, value) => {
  const fits = process.platform !== 'win32' || value.length < 32767;
  const named = !name.includes('=');
  if (fits && named) process.env[name] = value;
  if (fits && named && (process.env[name] || '') === value) return '';
  return `The variable ${name} cannot be handed to the action: ${
    fits
      ? 'its name holds a character that a name in an environment cannot hold, such as an equals sign.'
      : 'its value is too long for an environment on Windows, which takes less than 32,767 characters.'
  }`;
};

const run = (items) => {
  // What the worker's own environment holds under such names is not what Octopus said.
  for (const name of Object.keys(process.env)) {
    if (/^(JsmChange|Octopus)[.]/i.test(name)) delete process.env[name];
  }
  const problems = [];
  for (let at = 1; items[at]; at += 2) problems.push(hand(items[at], items[at + 1]));
  const problem = problems.filter(Boolean).join(' ');
  if (problem) return fail(problem);

  const bundle = brotliDecompressSync(Buffer.from(items[0], 'base64')).toString();
  const action = compileFunction(bundle, ['require', 'module'], { filename: 'jsm-change-gate' });
  process.on('exit', (code) => {
    if (code === 0) process.exitCode = letGo;
  });
  // In a turn of its own: what goes wrong in the action is no matter of its unpacking.
  setImmediate(action, require, {});
};

input.on('data', (chunk) => {
  if (started) return;
  received.push(chunk);
  if (chunk[chunk.length - 1] !== 0) return;
  // Before the bundle may stand a byte order mark: .NET Framework writes one in some code pages.
  const text = Buffer.concat(received)
    .toString()
    .replace(/^[^A-Za-z0-9+/]+/, '');
  const items = text.split(String.fromCharCode(0));
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
