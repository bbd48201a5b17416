import { Markup, markup } from '../../test/sandbox/pages/markup.ts';

const [columnWidth, lineHeight, margin, barHeight] = [8.4, 19, 16, 34];

/** The colours for the codes that the demo uses, on a dark screen. */
const fills: Readonly<Record<string, string>> = {
  '': '#d8dee9',
  '1': '#ffffff',
  '90': '#8a94a6',
  '1;94': '#82b4ff',
  '36': '#6fd3dc',
  '32': '#8fd694',
  '33': '#f0c674',
  '31': '#ff8f88',
  '35': '#d8a6f0',
};

/**
 * Draws what a program has printed on a terminal, including colours.
 * @param command the text in the bar of the window
 * @param columns the width of the terminal; longer lines are not wrapped
 */
export function terminalSvg(command: string, output: string, columns: number): string {
  const lines = output.trim().split('\n');
  const width = Math.round(columns * columnWidth + 2 * margin);
  const height = barHeight + lines.length * lineHeight + 2 * margin;
  const rows = lines.map((line, index) => segments(line, barHeight + margin + (index + 0.75) * lineHeight));
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">
<title>${command}</title>
<rect width="${width}" height="${height}" rx="8" fill="#171b22"/>
<text x="${margin}" y="22" fill="#8a94a6">$ ${command}</text>
${rows}</svg>
`.text;
}

/** Replaces spaces with no-break spaces, which SVG does not collapse. */
function unbroken(spaces: string): string {
  return '\u00a0'.repeat(spaces.length);
}

/**
 * The segments of one line, each placed at its column, so that a font of a different width does not shift
 * anything.
 */
function segments(line: string, y: number): Markup[] {
  let [column, code] = [0, ''];
  const pieces: Markup[] = [];
  for (const piece of line.split(/(\u001b\[[\d;]*m)/)) {
    const changed = /^\u001b\[([\d;]*)m$/.exec(piece)?.[1];
    if (changed !== undefined) {
      code = changed === '0' ? '' : changed;
      continue;
    }
    const text = piece.trim();
    if (text !== '') {
      const x = margin + (column + piece.length - piece.trimStart().length) * columnWidth;
      const weight = code.startsWith('1') ? new Markup(' font-weight="bold"') : undefined;
      pieces.push(
        markup`<text x="${x.toFixed(1)}" y="${y}" textLength="${(text.length * columnWidth).toFixed(1)}" fill="${fills[code] ?? fills['']}"${weight}>${text.replace(/ {2,}/g, unbroken)}</text>\n`,
      );
    }
    column += piece.length;
  }
  return pieces;
}
