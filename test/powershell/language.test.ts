import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyAround } from './body.ts';
import { engines, inspect, removeFolders } from './engine.ts';

// Windows PowerShell 5.1 only exists on Windows, so the parts of the body are compared with what 5.1 and the
// .NET Framework 4.6 know.

const engine = engines[0];
const skipped = engine.missing !== undefined && !process.env['CI'];

describe.skipIf(skipped)(
  `the language of the PowerShell body${skipped ? ` (skipped: ${engine.missing})` : ''}`,
  () => {
    let parts: readonly string[];
    beforeAll(async () => {
      await engine.prepare();
      parts = await inspect(bodyAround('print-environment.cjs'));
    }, 300_000);
    afterAll(removeFolders);

    const all = (kind: string) =>
      parts.filter((part) => part.startsWith(`${kind} `)).map((part) => part.slice(kind.length + 1));

    it('[B7] parses', () => {
      expect(all('problem')).toEqual([]);
      expect(all('node')).toContain('ScriptBlockAst');
    });

    it('[B7] has no syntax newer than 5.1', () => {
      const newer = /^(Question(Dot|LBracket|Question|QuestionEquals|Mark)|AndAnd|OrOr|Clean)$/;
      expect(all('token').filter((token) => newer.test(token))).toEqual([]);
      expect(all('node').filter((node) => /^(TernaryExpression|PipelineChain)Ast$/.test(node))).toEqual([]);
    });

    it('[B7] calls only these commands', () => {
      // The first ones are script blocks of the body.
      expect(all('command')).toEqual(['', 'Microsoft.PowerShell.Core\\Set-PSDebug']);
    });

    it('[B7] uses only .NET types that the .NET Framework has', () => {
      expect(all('type').join(' ')).toBe(
        'Collections.Generic.Dictionary[string,string] Collections.Generic.List[string] Console Convert ' +
          'Diagnostics.Process Diagnostics.ProcessStartInfo Environment IO.File IO.Path Math StringComparer ' +
          'Text.Encoding Text.UTF8Encoding char char[] guid int ref regex string',
      );
    });

    it('[B7] uses only members that the .NET Framework has', () => {
      expect(all('member').join(' ')).toBe(
        'Add BaseStream Close Contains Count Dispose EndsWith Exception Exists ExitCode Flush GetBaseException GetBytes ' +
          'GetEnumerator GetEnvironmentVariable Groups HasExited IndexOf IsMatch IsNullOrEmpty Join Key Kill Length ' +
          'Match Message Min NewGuid OrdinalIgnoreCase Out PathSeparator ReadAsync ReadLineAsync ReadToEndAsync ' +
          'RedirectStandardError RedirectStandardInput RedirectStandardOutput Replace Result ' +
          'SetEnvironmentVariable Split StandardError StandardInput StandardOutput Start StartsWith Substring ' +
          'Success ToArray ToBase64String ToLowerInvariant ToString Trim TrimEnd TryGetValue UTF8 ' +
          'UseShellExecute Value Wait WaitForExit Write WriteLine new',
      );
    });

    it('[B7] reads only variables that it has assigned, and those of Octopus and PowerShell', () => {
      const assigned = new Set(all('assigned').map((name) => name.toLowerCase()));
      const read = new Set(all('variable').map((name) => name.toLowerCase()));
      const others = [...read].filter((name) => !assigned.has(name)).sort();
      expect(others).toEqual(['_', 'args', 'false', 'octopusparameters', 'true']);
    });
  },
);
