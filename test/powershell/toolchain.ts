/**
 * What the PowerShell tests need: PowerShell's own console host on Linux, the same for Windows under Wine, and Windows'
 * Node. What is missing or older than its sources is made in a folder that Git ignores and no tool searches: a drive of
 * Wine's is a link to the root of the file system.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const built = fileURLToPath(new URL('../../node_modules/.cache/powershell', import.meta.url));

/** Wine's own binary: its shell wrapper loses names with dots from the environment. */
export const wine = '/usr/lib/wine/wine64';
const wineServer = '/usr/lib/wine/wineserver64';
const winePrefix = `${built}/wine`;
/** Where Wine puts `%TEMP%`, whatever the environment says. */
export const wineTemporary = `${winePrefix}/drive_c/users/${process.env['USER'] ?? 'root'}/Temp`;
/** PowerShell as a program of Windows. */
export const windowsHost = `${built}/windows/PowerShell.exe`;
/** A folder with a `node.exe` that is not Node: what it does depends on what a link to the folder is called. */
export const pretendedWindowsNode = `${built}/pretended`;

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

/**
 * PowerShell on Linux, for `dotnet`. (The `pwsh` of the package starts `dotnet` as a child, which lives on when that is
 * killed.)
 */
export function linuxHost(): string {
  return `${packageFolder()}/tools/net10.0/any/unix/pwsh.dll`;
}

export async function prepareLinux(): Promise<void> {
  const { contentHash: expected } = linuxPackage();
  const hash = () => JSON.parse(readFileSync(`${packageFolder()}/.nupkg.metadata`, 'utf8')).contentHash;
  const isThere = () => existsSync(linuxAssets) && existsSync(linuxHost());
  await prepare('linux', isThere, () => {
    dotnet('restore', 'linux');
    if (hash() !== expected) throw new Error(`The package PowerShell has the content hash ${hash()}.`);
  });
}

export async function prepareWindows(): Promise<void> {
  const isThere = () => existsSync(windowsHost);
  await prepare('windows', isThere, () => {
    rmSync(`${built}/windows`, { recursive: true, force: true });
    dotnet('restore', 'windows', '--locked-mode');
    dotnet('publish', 'windows', '--no-restore', '-c', 'Release', '-o', `${built}/windows`);
    // PowerShell puts its own folder on the PATH, before all others: so this is another, with the same files.
    rmSync(pretendedWindowsNode, { recursive: true, force: true });
    execFileSync('cp', ['-al', `${built}/windows`, pretendedWindowsNode]);
    copyFileSync(windowsHost, `${pretendedWindowsNode}/node.exe`);
  });
  // It ends some seconds after its last client, and a program that starts at that very moment does not start at all.
  mkdirSync(winePrefix, { recursive: true });
  spawnSync(wineServer, ['--persistent=60'], { env: wineEnvironment(), stdio: 'ignore' });
  await prepare(
    'wine',
    () => existsSync(winePrefix),
    () => {
      const env = { ...wineEnvironment(), WINEDLLOVERRIDES: 'mscoree,mshtml=' };
      execFileSync(wine, ['wineboot', '-i'], { env, stdio: 'ignore' });
      // Node refuses older versions of Windows.
      execFileSync(wine, ['winecfg', '-v', 'win10'], { env, stdio: 'ignore' });
    },
  );
}

/** The environment of a process under Wine: nothing of this process' own. */
export function wineEnvironment(): Record<string, string> {
  return {
    HOME: built,
    USER: process.env['USER'] ?? 'root',
    WINEPREFIX: winePrefix,
    WINEDEBUG: '-all',
    // Without it .NET ends with an internal error there as soon as it collects a dynamic method.
    DOTNET_EnableWriteXorExecute: '0',
  };
}

/** How a program under Wine calls a path of this machine. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

const linuxProject = `${here}host/linux/PowerShell.csproj`;
const linuxAssets = `${here}host/linux/obj/project.assets.json`;

/** What the project for Linux downloads. */
function linuxPackage(): { readonly version: string; readonly contentHash: string } {
  const [, version, contentHash] =
    /Version="\[(.+?)\]"\s+ContentHash="(.+?)"/.exec(readFileSync(linuxProject, 'utf8')) ?? [];
  if (version === undefined || contentHash === undefined)
    throw new Error(`${linuxProject} names no package.`);
  return { version, contentHash };
}

/** Where NuGet has unpacked it. */
function packageFolder(): string {
  const { packagesPath } = JSON.parse(readFileSync(linuxAssets, 'utf8')).project.restore;
  return `${packagesPath}powershell/${linuxPackage().version}`;
}

function dotnet(command: string, host: 'linux' | 'windows', ...options: string[]): void {
  try {
    execFileSync('dotnet', [command, `${here}host/${host}`, '--nologo', '-v', 'quiet', ...options], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string };
    throw new Error(`dotnet ${command} failed: ${stdout ?? error}`);
  }
}

/** Makes a part unless it is there and made from the same sources; other processes wait meanwhile. */
async function prepare(
  part: 'linux' | 'windows' | 'wine',
  isThere: () => boolean,
  make: () => void,
): Promise<void> {
  const wanted = part === 'wine' ? 'win10' : hashOf(`${here}host/${part}`);
  const stamp = `${built}/${part}.stamp`;
  const isMade = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && isThere();
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

/** A hash of a project's files. */
function hashOf(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile()) hash.update(readFileSync(`${folder}/${entry.name}`));
  }
  return hash.digest('hex');
}
