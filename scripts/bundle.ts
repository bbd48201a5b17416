import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import ncc from '@vercel/ncc';
import { minify } from 'terser';

/**
 * What node-fetch loads for bodies of a kind that nothing here sends or reads: forms, blobs and files. Loading it makes
 * Node load its web streams and its promises of files, which takes a good part of the start, and each of them a part of
 * the script body.
 */
const unusedBodies = ['fetch-blob', 'fetch-blob/from.js', 'formdata-polyfill/esm.min.js'];

/** How ncc asks for them. No package has such a name. */
const unusedBody = 'unused:body';

/** What stands for them: a class of which nothing is an instance, for node-fetch asks whether a body is a form. */
const noBody = 'class{static FormData=class{}}';

/**
 * debug does without this where it is missing. ncc would ask for it by an `eval`, and no name around an `eval` can be
 * made shorter.
 */
const optionalColours = 'supports-color';

/** How ncc names a further file of JavaScript, and a part by its number. */
const javascript = /\.[cm]?js$/;
const numbered = /^(\d+)\.index\.js$/;

/** What ncc asks for where the action imports a part of its own on use; the part's number stands in brackets. */
const askedForPart = /\brequire\("\.\/"\+\w+\.u\((\w+)\)\)/;

/**
 * The action as one file of JavaScript, the same byte for byte from any folder. It is CommonJS: Node is sooner at work
 * with it than with a module, and the launcher can run it from memory.
 *
 * What the sources import on use, such as the policy's loader, ncc writes as parts: further files. A script body carries
 * one file, so the parts stand in it as texts, which are compiled when they are asked for: reading JavaScript takes a
 * good part of the start, and skipping a text next to nothing.
 *
 * node-fetch loads its parser of multipart bodies when `formData()` is called, which nothing here does. That part is
 * left out.
 *
 * @param entry absolute path of the action's first module
 */
export async function bundleAction(entry: string): Promise<string> {
  const { code, assets } = await ncc(entry, {
    cache: false,
    esm: false,
    externals: {
      ...Object.fromEntries(unusedBodies.map((name) => [name, unusedBody])),
      [optionalColours]: optionalColours,
    },
    minify: true,
    quiet: true,
    sourceMap: false,
    target: 'es2022',
  });
  const parser = await multipartParser();
  const parts = Object.entries(assets)
    .filter(([name]) => javascript.test(name))
    .map(([name, { source }]) => [name, source.toString()] as const)
    .filter(([, source]) => !isMultipartParser(source, parser));
  const texts = await Promise.all(
    parts.map(async ([name, source]) => [partNumber(name), await smallest(source)] as const),
  );
  return `${await smallest(withParts(withoutUnusedBodies(code), Object.fromEntries(texts)))}\n`;
}

function partNumber(name: string): string {
  const number = numbered.exec(name)?.[1];
  if (number === undefined)
    throw new Error(`The bundle would need a further file, which is no part: ${name}`);
  return number;
}

/** @param texts the parts by their numbers */
function withParts(code: string, texts: Readonly<Record<string, string>>): string {
  const [before, id, after, ...more] = code.split(askedForPart);
  if (before === undefined || id === undefined || after === undefined || more.length > 0)
    throw new Error('The bundle does not ask for its parts where the build looks for it.');
  const compiled = `require("node:vm").compileFunction(partTexts[${id}],["exports","require"],{filename:"jsm-change-gate-part"})`;
  return `const partTexts=${JSON.stringify(texts)};${before}(part=>(${compiled}(part,require),part))({})${after}`;
}

function withoutUnusedBodies(code: string): string {
  const [before, after, ...more] = code.split(`require(${JSON.stringify(unusedBody)})`);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error('node-fetch does not load its kinds of bodies where the build looks for it.');
  return before + noBody + after;
}

/** ncc minifies each of its parts; as a whole the file loses another twentieth of what a script body carries. */
async function smallest(code: string): Promise<string> {
  const minified = await minify(code, {
    toplevel: true,
    ecma: 2020,
    compress: { passes: 2 },
    // In one byte a character, Node reads it sooner and keeps it in half the memory.
    format: { comments: false, ascii_only: true },
  });
  if (minified.code === undefined) throw new Error('The bundle could not be minified.');
  return minified.code;
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
