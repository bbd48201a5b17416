import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const mostColours = 256;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel in one number, row by row. */
  readonly colours: Uint32Array;
}

/**
 * Reduces a picture to the 256 colours that it uses most; any other colour becomes the nearest of them. Text
 * on plain colours shows no visible loss, and the file is a third as large.
 * @param png as Chromium writes it: 8 bits each for red, green and blue, not interlaced
 */
export function smallPng(png: Buffer): Buffer {
  const { width, height, colours } = pixelsOf(png);
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const palette = [...counts]
    .sort(([one, often], [other, seldom]) => seldom - often || one - other)
    .slice(0, mostColours)
    .map(([colour]) => colour);
  const places = new Map(palette.map((colour, place) => [colour, place]));
  const rows = Buffer.alloc(height * (width + 1));
  colours.forEach((colour, index) => {
    const place = places.get(colour) ?? nearest(palette, colour);
    places.set(colour, place);
    rows[index + Math.floor(index / width) + 1] = place;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits per pixel, each an index into the palette.
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(parts))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function parts(colour: number): [number, number, number] {
  return [colour >> 16, (colour >> 8) & 0xff, colour & 0xff];
}

function nearest(palette: readonly number[], colour: number): number {
  const wanted = parts(colour);
  const distances = palette.map((one) =>
    parts(one).reduce((sum, part, index) => sum + (part - (wanted[index] ?? 0)) ** 2, 0),
  );
  return distances.indexOf(Math.min(...distances));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function pixelsOf(png: Buffer): Pixels {
  let [width, height, channels] = [0, 0, 3];
  const data: Buffer[] = [];
  for (let at = signature.length; at < png.length; at += png.readUInt32BE(at) + 12) {
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    if (type === 'IDAT') data.push(body);
    if (type !== 'IHDR') continue;
    [width, height, channels] = [body.readUInt32BE(0), body.readUInt32BE(4), body[9] === 6 ? 4 : 3];
  }
  const bytes = unfiltered(inflateSync(Buffer.concat(data)), width * channels, channels);
  const colours = new Uint32Array(width * height);
  for (let index = 0; index < colours.length; index += 1)
    colours[index] = bytes.readUIntBE(index * channels, 3);
  return { width, height, colours };
}

/** Undoes the filter of each row, which the row's first byte names. */
function unfiltered(rows: Buffer, rowLength: number, channels: number): Buffer {
  const bytes = Buffer.alloc((rows.length / (rowLength + 1)) * rowLength);
  for (let at = 0; at < bytes.length; at += 1) {
    const [row, column] = [Math.floor(at / rowLength), at % rowLength];
    const hasLeft = column >= channels;
    const left = hasLeft ? (bytes[at - channels] ?? 0) : 0;
    const above = bytes[at - rowLength] ?? 0;
    const corner = hasLeft ? (bytes[at - rowLength - channels] ?? 0) : 0;
    const start = row * (rowLength + 1);
    bytes[at] = (rows[start + 1 + column] ?? 0) + predicted(rows[start] ?? 0, left, above, corner);
  }
  return bytes;
}

/** The filters of the PNG specification: none, left, above, the mean of both, and Paeth's. */
function predicted(filter: number, left: number, above: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4: {
      const estimate = left + above - corner;
      const [toLeft, toAbove, toCorner] = [left, above, corner].map((one) => Math.abs(estimate - one)) as [
        number,
        number,
        number,
      ];
      if (toLeft <= toAbove && toLeft <= toCorner) return left;
      return toAbove <= toCorner ? above : corner;
    }
    default:
      return 0;
  }
}
