import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

/*
 * A script body carries the bundle as Brotli, encoded in base 93: the printable characters except the space
 * and the single quote, which ends a string in both shells. Two digits carry 13 bits, or 14 if the lower 13
 * of them are less than 93 * 93 - 8192. The text is therefore 1.226 times as long as the bytes; base64 would
 * be 1.333 times. The loader (`src/launcher/loader.cjs`) contains the decoder that a step uses.
 */
const base = 93;
const spare = base * base - 2 ** 13;
const firstDigit = '!'.charCodeAt(0);

/** Encodes the bundle for a script body: ASCII without `'` and `#{`, the same bytes on Node 20 and 24. */
export function pack(bundle: string): string {
  const { BROTLI_PARAM_MODE, BROTLI_MODE_TEXT, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  const bytes = brotliCompressSync(bundle, {
    params: {
      [BROTLI_PARAM_MODE]: BROTLI_MODE_TEXT,
      [BROTLI_PARAM_LGWIN]: 22,
      [BROTLI_PARAM_SIZE_HINT]: Buffer.byteLength(bundle),
    },
  });
  const digits = Buffer.from(digitsOf(bytes).map((digit) => firstDigit + digit)).toString('latin1');
  // Octopus would evaluate `#{`; the decoder skips line breaks.
  return digits.replaceAll("'", '~').replaceAll('#{', '#\n{');
}

/** Decodes a bundle that {@link pack} encoded. */
export function unpack(packed: string): string {
  const digits = [...packed.replaceAll('\n', '').replaceAll('~', "'")].map(
    (digit) => digit.charCodeAt(0) - firstDigit,
  );
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (let at = 0; at < digits.length; at += 2) {
    const pair = (digits[at] ?? 0) + base * (digits[at + 1] ?? 0);
    held |= pair << bits;
    for (bits += pair % 2 ** 13 < spare ? 14 : 13; bits >= 8; bits -= 8) {
      bytes.push(held % 256);
      held >>>= 8;
    }
  }
  return brotliDecompressSync(Buffer.from(bytes)).toString();
}

/** Finds the packed bundle in a script body: the longest run of its characters. */
export function packedIn(body: string): string {
  const runs = body.match(/[!-&(-~\n]+/g) ?? [];
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}

function digitsOf(bytes: Uint8Array): number[] {
  const digits: number[] = [];
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held |= byte << bits;
    bits += 8;
    if (bits < 14) continue;
    const taken = held % 2 ** 13 < spare ? 14 : 13;
    const pair = held % 2 ** taken;
    digits.push(pair % base, Math.floor(pair / base));
    held >>>= taken;
    bits -= taken;
  }
  if (bits > 0) digits.push(held % base, Math.floor(held / base));
  return digits;
}
