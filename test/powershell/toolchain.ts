/**
 * The tools for the PowerShell tests: PowerShell's own console host on Linux, the same for Windows under
 * Wine, and Windows' Node. Parts that are missing or older than their sources are built in a folder that Git
 * ignores and no tool searches, since a Wine drive is a link to the root of the file system.
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

/** Wine's own binary: its shell wrapper drops environment entries with dots in their names. */
export const wine = '/usr/lib/wine/wine64';
const wineServer = '/usr/lib/wine/wineserver64';
const winePrefix = `${built}/wine`;
/** The folder that Wine uses for `%TEMP%` regardless of the environment. */
export const wineTemporary = `${winePrefix}/drive_c/users/${process.env['USER'] ?? 'root'}/Temp`;
/** PowerShell as a Windows program. */
export const windowsHost = `${built}/windows/PowerShell.exe`;
/** A folder with a `node.exe` that is not Node: the name of a link to the folder determines what it does. */
export const pretendedWindowsNode = `${built}/pretended`;

export type WindowsNode = 20 | 22;

/** The folder of a version of Windows' Node. */
export function windowsNode(major: WindowsNode): string {
  return `${here}windows-node/node_modules/node-${major}/bin`;
}

/** What is missing for the host on Linux, as text; undefined if nothing is. */
export function missingForLinux(): string | undefined {
  const { stdout } = spawnSync('dotnet', ['--list-sdks'], { encoding: 'utf8' });
  return /^10\./m.test(stdout ?? '') ? undefined : 'needs the .NET SDK 10';
}

/** What is missing for the host on Windows, as text; undefined if nothing is. */
export function missingForWindows(): string | undefined {
  const missing = missingForLinux();
  if (missing !== undefined) return missing;
  if (!existsSync(wine)) return 'needs Wine (the Debian packages wine and wine64)';
  const nodes = ([20, 22] as const).every((major) => existsSync(`${windowsNode(major)}/node.exe`));
  return nodes ? undefined : "needs Windows' Node (npm ci --force in test/powershell/windows-node)";
}

/**
 * The path of PowerShell on Linux, for `dotnet`. (The package's `pwsh` starts `dotnet` as a child process,
 * which survives if `pwsh` is killed.)
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
    // PowerShell puts its own folder first on the PATH, so this is another folder with the same files.
    rmSync(pretendedWindowsNode, { recursive: true, force: true });
    execFileSync('cp', ['-al', `${built}/windows`, pretendedWindowsNode]);
    copyFileSync(windowsHost, `${pretendedWindowsNode}/node.exe`);
  });
  // The Wine server ends some seconds after its last client, and a program that starts at that moment fails
  // to start.
  mkdirSync(winePrefix, { recursive: true });
  spawnSync(wineServer, ['--persistent=60'], { env: wineEnvironment(), stdio: 'ignore' });
  await prepare(
    'wine',
    () => existsSync(winePrefix),
    () => {
      const env = { ...wineEnvironment(), WINEDLLOVERRIDES: 'mscoree,mshtml=' };
      execFileSync(wine, ['wineboot', '-i'], { env, stdio: 'ignore' });
      // Node does not run on older versions of Windows.
      execFileSync(wine, ['winecfg', '-v', 'win10'], { env, stdio: 'ignore' });
    },
  );
}

/** The environment of a process under Wine, without anything from this process. */
export function wineEnvironment(): Record<string, string> {
  return {
    HOME: built,
    USER: process.env['USER'] ?? 'root',
    WINEPREFIX: winePrefix,
    WINEDEBUG: '-all',
    // Without this, .NET under Wine crashes with an internal error when it collects a dynamic method.
    DOTNET_EnableWriteXorExecute: '0',
  };
}

/** Converts a path of this machine for a program under Wine. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

const linuxProject = `${here}host/linux/PowerShell.csproj`;
const linuxAssets = `${here}host/linux/obj/project.assets.json`;

/** The package that the Linux project downloads. */
function linuxPackage(): { readonly version: string; readonly contentHash: string } {
  const [, version, contentHash] =
    /Version="\[(.+?)\]"\s+ContentHash="(.+?)"/.exec(readFileSync(linuxProject, 'utf8')) ?? [];
  if (version === undefined || contentHash === undefined)
    throw new Error(`${linuxProject} names no package.`);
  return { version, contentHash };
}

/** The folder where NuGet unpacked the package. */
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

/** Builds a part unless it exists and was built from the same sources; other processes wait for it. */
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
