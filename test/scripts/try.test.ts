import { describe, expect, it } from 'vitest';
import { TaskRecord } from '../../scripts/demo/task-record.ts';
import { linkedText, summaryPart } from '../../scripts/try/task-parts.ts';
import { markup } from '../sandbox/pages/markup.ts';

describe('a line of the task log on the page', () => {
  it.each([
    [
      '[CHG-1](https://acme.example/browse/CHG-1) is Review',
      '<a href="https://acme.example/browse/CHG-1">CHG-1</a> is Review',
    ],
    ['two [a](http://b/) [c](http://d/).', 'two <a href="http://b/">a</a> <a href="http://d/">c</a>.'],
    ['[bad](javascript:alert(1))', '[bad](javascript:alert(1))'],
    ['[<b>](http://a/"onclick="x)', '<a href="http://a/&quot;onclick=&quot;x">&lt;b&gt;</a>'],
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
  ])('%s', (text, html) => {
    expect(markup`${linkedText(text)}`.text).toBe(html);
  });
});

it('the Task Summary has the highlighted lines, and the result message of a failed step', () => {
  const record = new TaskRecord();
  record.add({ kind: 'line', level: 'default', text: 'not this' });
  record.add({ kind: 'line', level: 'highlight', text: 'Raised <CHG-1>' });
  record.add({ kind: 'message', message: { name: 'resultMessage', attributes: { message: 'Declined' } } });
  const { text } = summaryPart(record);
  expect(text).toContain('<li>Raised &lt;CHG-1&gt;</li>');
  expect(text).toContain('Declined');
  expect(text).not.toContain('not this');
});
