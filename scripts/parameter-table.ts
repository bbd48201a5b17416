import { type StepParameter, stepParameters } from '../src/octopus/parameter-forms.ts';

const start = '<!-- parameters:start -->';
const end = '<!-- parameters:end -->';

/**
 * Returns a document with the table of the step's parameters between its two markers.
 *
 * @throws if a marker is missing: the table would otherwise be dropped silently
 */
export function withParameterTable(page: string): string {
  const [before, rest, ...more] = page.split(start);
  const [, after, ...evenMore] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined || more.length > 0 || evenMore.length > 0) {
    throw new Error(`docs/parameters.md must contain ${start} and ${end} once each.`);
  }
  return `${before}${start}\n${table()}\n${end}${after}`;
}

function table(): string {
  return [
    '| parameter | label | control | default | meaning |',
    '|---|---|---|---|---|',
    ...stepParameters.map(row),
  ].join('\n');
}

function row(parameter: StepParameter): string {
  const cells = [
    `\`${parameter.name}\``,
    parameter.label,
    controls[parameter.control],
    parameter.defaultValue
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `\`${line}\``)
      .join('<br>'),
    parameter.help
      .replace(/\n\n- /g, '<br>- ')
      .replace(/\n\n/g, '<br><br>')
      .replace(/\n/g, '<br>'),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const controls: Readonly<Record<StepParameter['control'], string>> = {
  SingleLineText: 'text',
  MultiLineText: 'several lines',
  Select: 'choice',
  Checkbox: 'checkbox',
  Sensitive: 'sensitive',
};
