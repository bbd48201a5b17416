import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { runCommand } from './command.ts';

const usage = `Usage: npm run schema

Compiles src/policy/policy.schema.json into the validator for policies, which is not committed. npm ci, the tests and the
build also run this.`;

const schemaUrl = new URL('../src/policy/policy.schema.json', import.meta.url);
const validatorUrl = new URL('../src/policy/policy-validator.js', import.meta.url);

// CommonJS, whose default export is typed differently by each module resolution mode.
const standaloneCode: (ajv: Ajv, validate: ValidateFunction) => string = createRequire(import.meta.url)(
  'ajv/dist/standalone/index.js',
).default;

/** The part of JSON Schema that the policy's schema uses and this script reads. */
interface SchemaNode {
  /** What is expected, in words, if the rest of the schema does not say it well. */
  readonly $comment?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
}

/**
 * Writes the validator if it is missing or does not match the schema. Vitest also runs this as a
 * `globalSetup`, so that the tests never use the validator of an older schema.
 */
export async function setup(): Promise<void> {
  const code = await compilePolicySchema();
  const written = await readFile(validatorUrl, 'utf8').catch(() => undefined);
  if (written !== code) await writeFile(validatorUrl, code);
}

/** Returns the source of the validator: plain code, without `require` or `eval`. */
export async function compilePolicySchema(): Promise<string> {
  const schema: SchemaNode = JSON.parse(await readFile(schemaUrl, 'utf8'));
  // Length limits and unique items would need parts of ajv at run time, so the schema uses patterns instead.
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    messages: false,
    code: { source: true, esm: true, lines: true, optimize: 2 },
  });
  const code = asFunction(standaloneCode(ajv, ajv.compile(withoutAnnotations(schema) as SchemaNode)));
  if (/\brequire\(|\bimport\b|\beval\(|new Function/.test(code)) {
    throw new Error(
      'The compiled schema needs a part of ajv at run time; use another keyword in the schema.',
    );
  }
  return `// Made by \`npm run schema\` from policy.schema.json: edit that file instead.
export const shapes = ${JSON.stringify(shapesOf(schema), undefined, 2)};

export function schemaErrors(value) {
  return validatePolicy(value) ? [] : validatePolicy.errors;
}

${code.trim()}
`;
}

/**
 * Returns the schema without the texts that are only for editors: ajv would keep some of them in its code.
 */
function withoutAnnotations(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutAnnotations);
  if (typeof node !== 'object' || node === null) return node;
  const annotations = ['$id', '$comment', 'title', 'description', 'examples', 'default', 'format'];
  return Object.fromEntries(
    Object.entries(node)
      .filter(([keyword]) => !annotations.includes(keyword))
      .map(([keyword, child]) => [
        keyword,
        keyword === 'properties'
          ? Object.fromEntries(Object.entries(child).map(([key, each]) => [key, withoutAnnotations(each)]))
          : withoutAnnotations(child),
      ]),
  );
}

/** Reduces ajv's module to its one function, renamed and without the exports. */
function asFunction(code: string): string {
  const name = /export default (\w+);/.exec(code)?.[1];
  if (name === undefined) throw new Error('ajv wrote a module in an unexpected form.');
  return (
    code
      // Nothing reads where in the schema a rule is, and every byte counts in the script body.
      .replaceAll(/schemaPath:"[^"]*",/g, '')
      .replace(/^"use strict";/, '')
      .replace(/export const validate = \w+;/, '')
      .replace(/export default \w+;/, '')
      .replaceAll(new RegExp(`\\b${name}\\b`, 'g'), 'validatePolicy')
  );
}

function shapesOf(root: SchemaNode): Record<string, { expected: string; keys?: string[] }> {
  const shapes: Record<string, { expected: string; keys?: string[] }> = {};
  const visit = (node: SchemaNode, path: string): void => {
    const keys = node.properties && Object.keys(node.properties);
    shapes[path] = { expected: expectedOf(node), ...(keys && { keys }) };
    for (const [key, child] of Object.entries(node.properties ?? {})) visit(child, `${path}/${key}`);
    if (node.items) visit(node.items, `${path}/*`);
  };
  visit(root, '');
  return shapes;
}

/** Says for the author of a policy what is expected: `true or false`, `text such as Production`. */
function expectedOf(node: SchemaNode): string {
  if (node.$comment !== undefined) return node.$comment;
  if (node.const !== undefined) return String(node.const);
  if (node.enum) return node.enum.join(' or ');
  const types = [node.type ?? []].flat();
  if (types.includes('boolean')) return 'true or false';
  if (types.includes('object')) return 'keys and values';
  if (node.items?.type === 'object') return 'a list of entries';
  const example = node.examples?.find((each) => !String(each).includes('://'));
  if (types.includes('array')) return `a list such as [${[example].flat().join(', ')}]`;
  return example === undefined ? 'text' : `text such as ${example}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await runCommand({ usage }, async () => {
    await setup();
    return 0;
  });
}
