import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleOf } from '../../scripts/bundle.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { examplePolicy } from '../policy/example.ts';

/** Turns a text into YAML of all kinds, and much that is not YAML. */
const pieces = [
  ...'-?:,[]{}#&*!|>\'"%@`~\\\n\t ',
  ...[
    '- ',
    ': ',
    '? ',
    ' #',
    '\n  ',
    '\n- ',
    '\n---\n',
    '\n...\n',
    '%YAML 1.1\n---\n',
    '%TAG ! !x\n',
    '\uFEFF',
  ],
  ...['&a ', '*a', '<<: *a', '{ a: b }', '[a, b]', '|\n  ', '>-\n  ', '>+2\n  ', '"\\x41"', '"\\u"', "''"],
  ...[
    '!!binary ',
    '!!set ',
    '!!omap ',
    '!!str ',
    '!!int ',
    '!!timestamp ',
    '!x ',
    '!',
    '2001-12-14',
    '1_000',
  ],
  ...[
    '0x1F',
    '0o17',
    '.inf',
    '.nan',
    '1e3',
    '12',
    '-0',
    'null',
    'true',
    'yes',
    'Production',
    'é',
    '😀',
    '\r\n',
  ],
];

/** The policy of the documentation after some changes at random places. */
const changedPolicy = fc
  .array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      without: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(60)),
      piece: fc.constantFrom(...pieces),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((changes) =>
    changes.reduce((text, { at, without, piece }) => {
      const from = Math.floor(at * text.length);
      return text.slice(0, from) + piece + text.slice(from + without);
    }, examplePolicy),
  );

describe('the bundle, which omits unused code', () => {
  let bundled: typeof loadPolicy;
  let packages: readonly string[];
  beforeAll(async () => {
    const bundle = await bundleOf(fileURLToPath(new URL('../../src/policy/load.ts', import.meta.url)));
    const module = { exports: {} as { loadPolicy: typeof loadPolicy } };
    packages = bundle.packages;
    compileFunction(bundle.code, ['require', 'module'])(createRequire(import.meta.url), module);
    bundled = module.exports.loadPolicy;
  });

  it('lists exactly the packages that it contains', () => {
    expect(packages).toEqual(['node_modules/yaml']);
  });

  it('parses the policy of the documentation as the sources do', () => {
    expect(bundled(examplePolicy)).toEqual(loadPolicy(examplePolicy));
    expect(bundled(examplePolicy).ok).toBe(true);
  });

  it('parses changed policies as the sources do', () => {
    const readable = { yes: 0, no: 0 };
    fc.assert(
      fc.property(changedPolicy, (text) => {
        const result = bundled(text);
        expect(result).toEqual(loadPolicy(text));
        readable[result.ok ? 'yes' : 'no'] += 1;
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(readable.yes, readable.no)).toBeGreaterThan(20);
  });
});
