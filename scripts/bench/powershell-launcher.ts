import { type Engine, engines, removeFolders, run } from '../../test/powershell/engine.ts';
import { scriptBodyOf } from './bodies.ts';
import type { Launcher } from './launcher.ts';

/**
 * The PowerShell body on each engine of this machine, except those for Windows, which Wine would slow down.
 */
export function powershellLaunchers(): readonly Launcher[] {
  return engines.filter(({ windows }) => !windows).map(launcherOn);
}

function launcherOn(engine: Engine): Launcher {
  return {
    name: engine.name,
    missing: engine.missing,
    prepare: () => engine.prepare(),
    open: async (variables) => {
      const timed = (body: string) => async (): Promise<number> => {
        const beganAt = performance.now();
        const { code, stdout, stderr } = await run(engine, { body, variables });
        const took = performance.now() - beganAt;
        if (code !== 0)
          throw new Error(`${engine.name} ended with ${code}: ${stdout}${stderr}`.slice(0, 2000));
        return took;
      };
      return {
        body: timed(await scriptBodyOf('PowerShell')),
        floor: timed('exit 0'),
        close: async () => removeFolders(),
      };
    },
  };
}
