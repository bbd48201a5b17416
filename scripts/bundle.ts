import ncc, { type Module } from '@vercel/ncc';
import { minify } from 'terser';

const leftOutName = 'left-out';

/**
 * What packages import and nothing here ever calls, as they import it (between slashes: a pattern). In the bundle each
 * is an empty module: a call of one of its functions would be a `TypeError`, which blocks the deployment.
 * `test/scripts/bundle.test.ts` compares what the bundle makes of thousands of policies with what the sources make of
 * them.
 */
const leftOut = [
  // node-fetch's forms, and its addresses that begin with `data:`.
  './utils/multipart-parser.js',
  'data-uri-to-buffer',
  // What yaml needs to write YAML, to make documents from values and values from documents, and for YAML 1.1.
  '/^[./]+/stringify/\\w+\\.js$/',
  '/^[./]+(/schema)?/yaml-1\\.1/\\w+\\.js$/',
  './json/schema.js',
  '/^[./]+/((doc|nodes)/)?(addPairToJSMap|anchors|applyReviver|createNode|toJS|visit)\\.js$/',
];

interface Bundle {
  readonly code: string;
  /** The folders of the packages whose modules are in it, as the lock file names them, such as `node_modules/yaml`. */
  readonly packages: readonly string[];
}

/**
 * The action as one JavaScript file, the same byte for byte from any folder. It is CommonJS: Node starts it sooner than
 * a module, and the launcher can run it from memory.
 *
 * What a run may not need is a **part**: write `await import('./that-module.ts')` in the sources, and what only that
 * module imports is compiled when a run gets there. Nothing else has to be said anywhere.
 *
 * @param entry absolute path of the first module
 */
export async function bundleOf(entry: string): Promise<Bundle> {
  const { code, assets, stats } = await ncc(entry, {
    cache: false,
    esm: false,
    externals: Object.fromEntries(leftOut.map((request) => [request, leftOutName])),
    quiet: true,
    sourceMap: false,
    // Only of what ncc writes itself: its modules become functions instead of arrow functions, which V8 would parse in
    // full, also those within, before it parses each of them again for its first call.
    target: 'es5',
  });
  const parts: Record<string, string> = {};
  for (const [name, { source }] of Object.entries(assets)) {
    if (/\.[cm]?js$/.test(name)) parts[`./${name}`] = await minified(source.toString());
  }
  const { modules = [] } = stats.toJson({ modules: true, nestedModules: true, all: false });
  return {
    code: `${await minified(withParts(code, parts))}\n`,
    packages: [...new Set(modules.flatMap(packagesOf))].sort(),
  };
}

function packagesOf({ nameForCondition, modules = [] }: Module): readonly string[] {
  const path = nameForCondition?.replaceAll('\\', '/') ?? '';
  const [folder] = /\bnode_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(path) ?? [];
  return [...(folder === undefined ? [] : [folder]), ...modules.flatMap(packagesOf)];
}

/**
 * ncc writes what the sources load by `import()` as further files, which the first one requires. A script body carries
 * one file, so the others are texts in it, compiled when they are required. Before that Node only skips them:
 * `docs/figures.md` shows what this saves at the start.
 *
 * @param parts the texts by the names that are required
 */
function withParts(code: string, parts: Readonly<Record<string, string>>): string {
  return `const parts = ${JSON.stringify(parts)};
(require => { ${code}
})(name => {
  const part = {};
  if (name === '${leftOutName}') return part;
  if (!Object.hasOwn(parts, name)) return require(name);
  require('node:vm').compileFunction(parts[name], ['exports', 'require'], { filename: 'jsm-change-gate-part' })(part, require);
  return part;
});`;
}

async function minified(code: string): Promise<string> {
  const { code: smallest } = await minify(code, {
    toplevel: true,
    ecma: 2020,
    compress: { passes: 2 },
    // With one byte per character, Node reads it sooner and keeps it in half the memory.
    format: { comments: false, ascii_only: true },
  });
  if (smallest === undefined) throw new Error('The bundle could not be minified.');
  return smallest;
}
