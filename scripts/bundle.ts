import ncc, { type Module } from '@vercel/ncc';
import { minify } from 'terser';

const leftOutName = 'left-out';

/**
 * Modules that packages import but nothing here ever calls, as the packages import them (between slashes: a
 * pattern). The bundle contains an empty module for each of them: calling one of its functions would be a
 * `TypeError`, which blocks the deployment. `test/scripts/bundle.test.ts` compares how the bundle and the
 * sources read thousands of policies.
 */
const leftOut = [
  // node-fetch's form parsing, and its support for addresses that begin with `data:`.
  './utils/multipart-parser.js',
  'data-uri-to-buffer',
  // In yaml: writing YAML, converting documents to values and back, and YAML 1.1.
  '/^[./]+/stringify/\\w+\\.js$/',
  '/^[./]+(/schema)?/yaml-1\\.1/\\w+\\.js$/',
  './json/schema.js',
  '/^[./]+/((doc|nodes)/)?(addPairToJSMap|anchors|applyReviver|createNode|toJS|visit)\\.js$/',
];

interface Bundle {
  readonly code: string;
  /** The folders of the bundled packages, as the lock file names them, such as `node_modules/yaml`. */
  readonly packages: readonly string[];
}

/**
 * Bundles the action into one JavaScript file, byte for byte the same from any folder. It is CommonJS: Node
 * starts it faster than a module, and the launcher can run it from memory.
 *
 * Code that a run may not need is a **part**: load it with `await import('./that-module.ts')`, and the
 * modules that only it imports are compiled when a run first needs them. No other configuration is necessary.
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
    // Applies only to the code that ncc writes itself: its modules become functions instead of arrow
    // functions. V8 would parse arrow functions in full, including the functions inside them, and then parse
    // each of those again on its first call.
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
 * Embeds the further files that ncc writes for each `import()`, and that its first file requires. A script
 * body carries one file, so the others become strings in it, compiled when they are required. Until then Node
 * only skips over them: `docs/figures.md` shows how much faster that makes the start.
 *
 * @param parts the source texts, keyed by the names that are required
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
    // With one byte per character, Node reads the file faster and keeps it in half the memory.
    format: { comments: false, ascii_only: true },
  });
  if (smallest === undefined) throw new Error('The bundle could not be minified.');
  return smallest;
}
