/**
 * What the PowerShell tests stand on: the test host on Linux, the same host with Windows' .NET under Wine, and Windows'
 * Node. Built where it is missing or older than its sources, where no tool looks for sources: a drive of Wine's is a link
 * to the root of the file system.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const hostFolder = `${here}host`;
const built = fileURLToPath(new URL('../../node_modules/.cache/powershell', import.meta.url));

/** Wine's own binary: its shell wrapper loses names with dots from the environment. */
export const wine = '/usr/lib/wine/wine64';
const wineServer = '/usr/lib/wine/wineserver64';
export const winePrefix = `${built}/wine`;
/** Where Wine puts `%TEMP%`, whatever the environment says. */
export const wineTemporary = `${winePrefix}/drive_c/users/${process.env['USER'] ?? 'root'}/Temp`;
/** The host as a program of Linux (run by `dotnet`) and of Windows. */
export const linuxHost = `${built}/linux/PowerShellHost.dll`;
export const windowsHost = `${built}/windows/PowerShellHost.exe`;
/** A folder with a `node.exe` that says what `PRETENDED_NODE_VERSION` says, and is no Node. */
export const pretendedWindowsNode = `${built}/windows`;

export type WindowsNode = 20 | 22;

/** The folder that holds a version of Windows' Node. */
export function windowsNode(major: WindowsNode): string {
  return `${here}windows-node/node_modules/node-${major}/bin`;
}

/** What is missing for the host on Linux, in words; undefined when all is there. */
export function missingForLinux(): string | undefined {
  const { stdout } = spawnSync('dotnet', ['--list-sdks'], { encoding: 'utf8' });
  return /^10\./m.test(stdout ?? '') ? undefined : 'needs the .NET SDK 10';
}

/** What is missing for the host on Windows, in words; undefined when all is there. */
export function missingForWindows(): string | undefined {
  const missing = missingForLinux();
  if (missing !== undefined) return missing;
  if (!existsSync(wine)) return 'needs Wine (the Debian packages wine and wine64)';
  const nodes = ([20, 22] as const).every((major) => existsSync(`${windowsNode(major)}/node.exe`));
  return nodes ? undefined : "needs Windows' Node (npm ci --force in test/powershell/windows-node)";
}

/** A real PowerShell 7 on the PATH, if there is one. */
export function realPowerShell(): string | undefined {
  const { status } = spawnSync('pwsh', ['-NoLogo', '-NoProfile', '-Command', 'exit 0']);
  return status === 0 ? 'pwsh' : undefined;
}

export async function prepareLinux(): Promise<void> {
  await prepare('linux', () => {
    dotnet('restore', '--locked-mode');
    dotnet('build', '--no-restore', '--configuration', 'Release', '--output', `${built}/linux`);
  });
}

export async function prepareWindows(): Promise<void> {
  await prepare('windows', () => {
    dotnet('restore', '--locked-mode');
    dotnet(
      'publish',
      '--no-restore',
      '-r',
      'win-x64',
      '--self-contained',
      '-c',
      'Release',
      '-o',
      `${built}/windows`,
    );
    copyFileSync(windowsHost, `${pretendedWindowsNode}/node.exe`);
  });
  // It ends some seconds after its last client, and a program that starts at that very moment does not start at all.
  mkdirSync(winePrefix, { recursive: true });
  spawnSync(wineServer, ['--persistent=60'], { env: wineEnvironment(), stdio: 'ignore' });
  await prepare('wine', () => {
    const env = { ...wineEnvironment(), WINEDLLOVERRIDES: 'mscoree,mshtml=' };
    execFileSync(wine, ['wineboot', '-i'], { env, stdio: 'ignore' });
    // Node refuses older versions of Windows.
    execFileSync(wine, ['winecfg', '-v', 'win10'], { env, stdio: 'ignore' });
  });
}

/** The environment of a process under Wine: nothing of this process' own. */
export function wineEnvironment(): Record<string, string> {
  return { HOME: built, USER: process.env['USER'] ?? 'root', WINEPREFIX: winePrefix, WINEDEBUG: '-all' };
}

/** How a program under Wine calls a path of this machine. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

function dotnet(command: string, ...options: string[]): void {
  try {
    execFileSync('dotnet', [command, hostFolder, '--nologo', '-v', 'quiet', ...options], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string };
    throw new Error(`dotnet ${command} failed: ${stdout ?? error}`);
  }
}

/** Makes a part unless it is there and made from the same sources; other processes wait meanwhile. */
async function prepare(part: string, make: () => void): Promise<void> {
  const sources = ['PowerShellHost.csproj', 'Program.cs', 'packages.lock.json'];
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(`${hostFolder}/${source}`));
  const wanted = part === 'wine' ? 'win10' : hash.digest('hex');
  const stamp = `${built}/${part}.stamp`;
  const isMade = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  mkdirSync(built, { recursive: true });
  while (!isMade()) {
    const lock = `${built}/lock`;
    try {
      mkdirSync(lock);
    } catch {
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > 300_000) rmSync(lock, { recursive: true, force: true });
      await sleep(200);
      continue;
    }
    try {
      make();
      writeFileSync(stamp, wanted);
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}
