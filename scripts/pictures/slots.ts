import { type Markup, markup } from '../../test/sandbox/pages/markup.ts';
import { runParkedDay, runWaitingGate } from '../../test/simulation/parked-day.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 7 * hourMs;
const slots = 3;
/** When the change request of each deployment is approved; all deployments start at the beginning. */
const approvals = [42, 76, 141, 173, 237, 291, 332, 398].map((minutes) => minutes * minuteMs);
/** The order in which the deployments were started, which differs from the order of the approvals. */
const started = [5, 2, 7, 0, 3, 1, 6, 4];

const [left, right, rowHeight, barHeight] = [116, 24, 22, 14];
const width = 900;
const colours = {
  slot: '#1f5fbf',
  queued: '#f0b429',
  parked: '#8a94a6',
  approved: '#1a7f37',
  text: '#24292f',
};

interface Span {
  readonly kind: 'slot' | 'queued' | 'parked';
  readonly fromMs: number;
  readonly toMs: number;
}

interface Line {
  readonly name: string;
  readonly spans: readonly Span[];
  readonly approvedMs?: number;
}

/**
 * Draws eight deployments on a server with three slots: who holds a slot, first with gates that wait and then
 * parked.
 */
export async function slotsPicture(): Promise<string> {
  const [waiting, parked] = [await waitingLines(), await parkedLines()];
  const top = 64;
  const parkedTop = top + waiting.length * rowHeight + 58;
  const height = parkedTop + parked.length * rowHeight + 58;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="13" fill="${colours.text}">
<title>Slots with and without parking: ${approvals.length} deployments on a server with ${slots} slots</title>
<rect width="${width}" height="${height}" rx="8" fill="#ffffff"/>
${legend()}${panel(`Gates that wait: ${hours(waiting)} slot hours`, waiting, top)}${panel(`Parked: ${hours(parked)} slot hours`, parked, parkedTop)}${axis(parkedTop + parked.length * rowHeight)}<text x="16" y="${height - 12}" fill="${colours.parked}">The step itself in virtual time. The start of each process, one to two seconds, is not counted.</text>
</svg>
`.text;
}

/** Each gate holds its slot until its change request is approved; the other deployments wait for a slot. */
async function waitingLines(): Promise<readonly Line[]> {
  const freeAtMs = Array.from({ length: slots }, () => 0);
  const lines: Line[] = [];
  for (const [place, index] of started.entries()) {
    const approvedMs = approvals[index] ?? 0;
    const fromMs = Math.min(...freeAtMs);
    const { endMs } = await runWaitingGate(approvedMs, place + 1, fromMs);
    freeAtMs[freeAtMs.indexOf(fromMs)] = endMs;
    lines.push({
      name: `Deployment ${place + 1}`,
      approvedMs,
      spans: [
        { kind: 'queued', fromMs: 0, toMs: fromMs },
        { kind: 'slot', fromMs, toMs: endMs },
      ],
    });
  }
  return lines;
}

/**
 * All deployments send their requests at the same time, for less than a second, using more slots than there
 * are; that does not matter here.
 */
async function parkedLines(): Promise<readonly Line[]> {
  const { requests, gates, passes } = await runParkedDay(approvals, 5 * minuteMs);
  const lines = started.map((index, place): Line => {
    const [request, gate] = [requests[index], gates[index]];
    if (request === undefined || gate === undefined) throw new Error('a deployment was not played');
    return {
      name: `Deployment ${place + 1}`,
      approvedMs: approvals[index] ?? 0,
      spans: [
        { kind: 'parked', fromMs: request.endMs, toMs: gate.startMs },
        { kind: 'slot', fromMs: request.startMs, toMs: request.endMs },
        { kind: 'slot', fromMs: gate.startMs, toMs: gate.endMs },
      ],
    };
  });
  const spans = passes.map(({ startMs, endMs }): Span => ({ kind: 'slot', fromMs: startMs, toMs: endMs }));
  return [...lines, { name: 'Resume', spans }];
}

function hours(lines: readonly Line[]): string {
  const held = lines.flatMap(({ spans }) => spans).filter(({ kind }) => kind === 'slot');
  return (held.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0) / hourMs).toFixed(2);
}

function panel(heading: string, lines: readonly Line[], top: number): Markup {
  return markup`<text x="16" y="${top - 10}" font-weight="bold">${heading}</text>
${lines.map((line, index) => row(line, top + index * rowHeight))}`;
}

function row({ name, spans, approvedMs }: Line, top: number): Markup {
  const middle = top + rowHeight / 2;
  return markup`<text x="16" y="${middle + 4}">${name}</text>
${spans.filter(({ fromMs, toMs }) => toMs > fromMs).map((span) => bar(span, middle))}${
  approvedMs === undefined
    ? undefined
    : markup`<circle cx="${x(approvedMs)}" cy="${middle}" r="5" fill="${colours.approved}" stroke="#ffffff" stroke-width="1.5"/>\n`
}`;
}

/** Draws a bar, at least one and a half pixels wide. */
function bar({ kind, fromMs, toMs }: Span, middle: number): Markup {
  const long = Math.max(1.5, (toMs - fromMs) * perMs).toFixed(1);
  if (kind === 'parked')
    return markup`<line x1="${x(fromMs)}" x2="${x(toMs)}" y1="${middle}" y2="${middle}" stroke="${colours.parked}" stroke-width="2" stroke-dasharray="2 4"/>\n`;
  return markup`<rect x="${x(fromMs)}" y="${middle - barHeight / 2}" width="${long}" height="${barHeight}" fill="${colours[kind]}"/>\n`;
}

function legend(): Markup {
  const y = 20;
  return markup`<rect x="16" y="${y - 7}" width="24" height="${barHeight}" fill="${colours.slot}"/><text x="46" y="${y + 4}">holds a slot and a worker</text>
<rect x="226" y="${y - 7}" width="24" height="${barHeight}" fill="${colours.queued}"/><text x="256" y="${y + 4}">waits for a slot</text>
<line x1="380" x2="404" y1="${y}" y2="${y}" stroke="${colours.parked}" stroke-width="2" stroke-dasharray="2 4"/><text x="410" y="${y + 4}">parked: holds nothing</text>
<circle cx="576" cy="${y}" r="5" fill="${colours.approved}"/><text x="588" y="${y + 4}">its change request is approved</text>
`;
}

function axis(top: number): Markup {
  const marks = Array.from({ length: dayMs / hourMs + 1 }, (_, hour) => hour);
  return markup`${marks.map((hour) => markup`<text x="${x(hour * hourMs)}" y="${top + 22}" text-anchor="middle" fill="${colours.parked}">${hour} h</text>\n`)}`;
}

const perMs = (width - left - right) / dayMs;

function x(atMs: number): string {
  return (left + atMs * perMs).toFixed(1);
}
