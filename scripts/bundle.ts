import ncc from '@vercel/ncc';
import { minify } from 'terser';

/** Only node-fetch's `formData()` loads this, and nothing here calls it: it would fail, as Node has no such module. */
const leftOut = { './utils/multipart-parser.js': 'left-out:multipart-parser' };

/**
 * The action as one JavaScript file, the same byte for byte from any folder. It is CommonJS: Node starts it sooner than
 * a module, and the launcher can run it from memory.
 *
 * @param entry absolute path of the first module
 */
export async function bundleOf(entry: string): Promise<string> {
  const { code, assets } = await ncc(entry, {
    cache: false,
    esm: false,
    externals: leftOut,
    quiet: true,
    sourceMap: false,
    target: 'es2022',
  });
  const parts: Record<string, string> = {};
  for (const [name, { source }] of Object.entries(assets)) {
    if (/\.[cm]?js$/.test(name)) parts[`./${name}`] = await minified(source.toString());
  }
  return `${await minified(Object.keys(parts).length === 0 ? code : withParts(code, parts))}\n`;
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
  if (!Object.hasOwn(parts, name)) return require(name);
  const part = {};
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
