import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import ncc from '@vercel/ncc';
import { minify } from 'terser';

/**
 * fetch-blob asks for this only where Node has no web streams of its own, which Node 20 and later have. It would be a
 * quarter of the bundle.
 */
const unusedPolyfill = 'web-streams-polyfill/dist/ponyfill.es2018.js';

/**
 * debug does without this where it is missing. ncc would ask for it by an `eval`, and no name around an `eval` can be
 * made shorter.
 */
const optionalColours = 'supports-color';

/** How ncc names a further file of JavaScript. */
const javascript = /\.[cm]?js$/;

/**
 * The action as one file of JavaScript, the same byte for byte from any folder. It is CommonJS: Node is sooner at work
 * with it than with a module, and the launcher can run it from memory.
 *
 * node-fetch loads its parser of multipart bodies when `formData()` is called, which nothing here does; ncc makes a
 * second file of it. That file is left out, and any other one is an error: a script body carries one file.
 *
 * @param entry absolute path of the action's first module
 */
export async function bundleAction(entry: string): Promise<string> {
  const { code, assets } = await ncc(entry, {
    cache: false,
    esm: false,
    externals: [unusedPolyfill, optionalColours],
    minify: true,
    quiet: true,
    sourceMap: false,
    target: 'es2022',
  });
  const parser = await multipartParser();
  const further = Object.entries(assets)
    .filter(([name, asset]) => javascript.test(name) && !isMultipartParser(asset.source.toString(), parser))
    .map(([name]) => name);
  if (further.length > 0) {
    throw new Error(`The bundle must be one file of JavaScript, and is more: ${further.join(', ')}`);
  }
  return smallest(code);
}

/** ncc minifies each of its parts; as a whole the file loses another twentieth of what a script body carries. */
async function smallest(code: string): Promise<string> {
  const minified = await minify(code, {
    toplevel: true,
    ecma: 2020,
    compress: { passes: 2 },
    format: { comments: false },
  });
  if (minified.code === undefined) throw new Error('The bundle could not be minified.');
  return `${minified.code}\n`;
}

/** The parser's class as node-fetch's sources have it: the long part, which ncc does not rewrite. */
async function multipartParser(): Promise<string> {
  const folder = dirname(createRequire(import.meta.url).resolve('node-fetch'));
  const source = await readFile(join(folder, 'utils', 'multipart-parser.js'), 'utf8');
  const parser = /^class MultipartParser \{.+?^\}/ms.exec(source)?.[0];
  if (parser === undefined)
    throw new Error('node-fetch has no multipart parser where the build looks for it.');
  return parser;
}

/** One module that exports `toFormData` alone and holds the parser as it stands in node-fetch. */
function isMultipartParser(source: string, parser: string): boolean {
  const modules = source.match(/^\/\*{3}\/ \d+:$/gm) ?? [];
  const exported = [...source.matchAll(/^\/\* harmony export \*\/ {3}(\w+): \(\) =>/gm)].map(
    ([, name]) => name,
  );
  return modules.length === 1 && exported.join() === 'toFormData' && source.includes(parser);
}
