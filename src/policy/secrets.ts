import { slipsBetween } from '../domain/nearest-word.ts';
import { pointerParts } from './problem.ts';
import type { SourceNode } from './source-tree.ts';

const secretMessage =
  'A policy holds no secret. Put it in a sensitive Octopus variable, name that variable in tokenVariable, ' +
  'and replace the secret, for others may have read it here.';

/** Secrets in a policy's text. */
export interface FoundSecrets {
  /** A problem for each; one that stands outside the policy's values, in a comment for instance, has no pointer. */
  readonly findings: readonly {
    readonly offset: number;
    readonly pointer?: string;
    readonly message: string;
  }[];
  /** The texts that no message may show. */
  readonly words: readonly string[];
}

/** Secrets under a key that is named for one, and values that look like one, wherever they stand. */
export function findSecrets(text: string, nodes: readonly SourceNode[]): FoundSecrets {
  const scalars = nodes.filter((node) => node.scalar !== undefined).map(secretScalar);
  const secret = scalars.filter(({ beneath, words }) => beneath || words.length > 0);
  const strayed = secretOffsets(text).filter(
    ({ offset }) => !secret.some(({ node }) => node.start <= offset && offset < node.end),
  );
  return {
    findings: [
      ...nodes
        .filter(({ key }) => key !== undefined && isSecretKey(key))
        .map(({ pointer, keyOffset = 0 }) => ({ pointer, offset: keyOffset, message: secretMessage })),
      ...secret
        .filter(({ beneath }) => !beneath)
        .map(({ node }) => ({ pointer: node.pointer, offset: node.start, message: secretMessage })),
      ...strayed.map(({ offset }) => ({ offset, message: secretMessage })),
    ],
    words: [
      ...secret.flatMap(({ node, words }) => [String(node.scalar ?? '').trim(), ...words]),
      ...strayed.map(({ word }) => word),
    ].filter((word) => word !== ''),
  };
}

function secretScalar(node: SourceNode) {
  return {
    node,
    beneath: pointerParts(node.pointer).some(isSecretKey),
    words: secretWords(String(node.scalar ?? '')),
  };
}

/** Whether a key is named for a secret; `tokenVariable`, also misspelt, is named for a variable. */
export function isSecretKey(key: string): boolean {
  const letters = key.toLowerCase().replace(/[^a-z]/g, '');
  if (letters.includes('var') || slipsBetween(letters.slice(0, 40), 'tokenvariable') <= 3) return false;
  return (
    /token|passw|passphrase|secret|apikey|accesskey|privatekey|credential|bearer|authorization/.test(
      letters,
    ) || ['pat', 'pwd', 'pass'].includes(letters)
  );
}

/** The parts of a text that look like a secret. */
export function secretWords(text: string): readonly string[] {
  return secretOffsets(text).map(({ word }) => word);
}

interface SecretWord {
  readonly offset: number;
  readonly word: string;
}

/** Forms that nothing but a secret has; of one with a group, the group is the secret. */
const secretForms: readonly RegExp[] = [
  // Atlassian's own tokens, web tokens, private keys.
  /\bAT(?:[A-Z]TT|BB)[A-Za-z0-9+/_=-]{6,}/g,
  /\beyJ[A-Za-z0-9_-]{5,500}\.[A-Za-z0-9_-]{5,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/g,
  // A user name or password in a URL.
  /:\/\/([^\s/?#"'@]{1,300}|[^\s/?#"'@:]{1,300}:(?!\d+\/)[^\s"'@]{1,300})@/g,
  // An Authorization header.
  /\b(?:Basic|Bearer)\s+((?=\S*[A-Z])(?=\S*[a-z])[A-Za-z0-9+/_=.-]{16,})/g,
];

function secretOffsets(text: string): readonly SecretWord[] {
  const formed = secretForms.flatMap((form) =>
    [...text.matchAll(form)].map((match) => {
      const word = match[1] ?? match[0];
      return { offset: match.index + match[0].indexOf(word), word };
    }),
  );
  // Keys and tokens of other makes: long, and neither words nor numbers. The path of a URL is none.
  const withoutUrls = text.replace(/\b[a-z]+:\/\/\S+/gi, (url) => ' '.repeat(url.length));
  const random = [...withoutUrls.matchAll(/[A-Za-z0-9+/_=-]{24,}/g)]
    .map((match) => ({ offset: match.index, word: match[0] }))
    .filter(({ word }) => looksRandom(word));
  return [...formed, ...random].filter(
    ({ offset }, index, all) =>
      !all
        .slice(0, index)
        .some((other) => other.offset <= offset && offset < other.offset + other.word.length),
  );
}

/** Letters of both cases and digits in a mix that no name has. */
function looksRandom(word: string): boolean {
  const changes = (pattern: RegExp) => word.match(pattern)?.length ?? 0;
  return (
    changes(/[A-Za-z](?=[0-9])|[0-9](?=[A-Za-z])/g) >= 3 && changes(/[a-z](?=[A-Z])|[A-Z](?=[a-z])/g) >= 4
  );
}
