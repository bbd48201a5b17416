#!/usr/bin/env node
// Stands for Windows' Node on this machine: JSM_GATE_NODE="$PWD/test/powershell/windows-node.mjs" npx vitest run ...
// WINDOWS_NODE says which, 20 or 22. What it needs is made by the tests of this folder.
//
// Windows' Node cannot open a pipe of this machine as its output: it writes to files, and what comes is passed on.
// Windows knows no signals: SIGINT reaches it as Ctrl+C, SIGTERM and SIGHUP as Ctrl+Break. It dies with this process.
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const fromHere = (path) => fileURLToPath(new URL(path, import.meta.url));
const { PATH: _path, WINDOWS_NODE: major = '22', ...environment } = process.env;
const program = fromHere(`windows-node/node_modules/node-${major}/bin/node.exe`);
const folder = mkdtempSync(join(tmpdir(), 'windows-node-'));

/** Passes on what a file gets, from now until told to end. */
function follow(name, stream) {
  const path = join(folder, name);
  const target = openSync(path, 'w');
  const source = openSync(path, 'r');
  const buffer = Buffer.alloc(65_536);
  const pass = () => {
    for (let read = readSync(source, buffer); read > 0; read = readSync(source, buffer)) {
      stream.write(Buffer.from(buffer.subarray(0, read)));
    }
  };
  const watcher = watch(path, pass);
  const end = () => {
    watcher.close();
    pass();
    closeSync(source);
  };
  return { target, end };
}

const windowsPath = (text) => text.replace(/^file:\/\/\//, 'file:///Z:/').replace(/^\//, 'Z:/');
const windowsUrl = (path) => windowsPath(pathToFileURL(path).href);
const event = join(folder, 'event');
const signals = `${windowsUrl(fromHere('windows-signals.mjs'))}?${new URLSearchParams({ file: windowsUrl(event) })}`;
const followed = [follow('stdout', process.stdout), follow('stderr', process.stderr)];
const wine = ['--pdeathsig', 'KILL', '/usr/lib/wine/wine64', program];
const child = spawn('setpriv', [...wine, '--import', signals, ...process.argv.slice(2).map(windowsPath)], {
  env: {
    ...environment,
    ...(environment.NODE_EXTRA_CA_CERTS && {
      NODE_EXTRA_CA_CERTS: windowsPath(environment.NODE_EXTRA_CA_CERTS),
    }),
    HOME: fromHere('../../node_modules/.cache/powershell'),
    // Wine decodes the environment by it.
    LC_ALL: 'C.UTF-8',
    WINEPREFIX: fromHere('../../node_modules/.cache/powershell/wine'),
    WINEDEBUG: '-all',
  },
  stdio: ['ignore', ...followed.map(({ target }) => target)],
});
for (const { target } of followed) closeSync(target);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => writeFileSync(event, signal === 'SIGINT' ? 'SIGINT' : 'SIGBREAK'));
}
child.on('exit', (code, signal) => {
  for (const { end } of followed) end();
  if (signal !== null) console.error(`Wine was ended by ${signal}.`);
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
