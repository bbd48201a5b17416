import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { text } from '../../../src/domain/text.ts';
import {
  type HttpRequest,
  requestName,
  TransportError,
  type TransportFailure,
} from '../../../src/http/transport.ts';
import {
  answerFault,
  answerSummary,
  jiraMessages,
  transportFault,
} from '../../../src/jira/session/answer-errors.ts';
import { answerOf } from '../scripted-site.ts';

const request: HttpRequest = {
  method: 'POST',
  url: 'https://acme.atlassian.net/rest/servicedeskapi/request?token=hunter2#x',
  headers: { Authorization: 'Basic hunter2' },
  body: '{"secret":"hunter2"}',
  timeoutMs: 1000,
  freshConnection: true,
};

const names = new Map([['customfield_10010', 'Planned start']]);

describe("the errors in Jira's answer", () => {
  it.each<[unknown, boolean, readonly string[]]>([
    [{ errorMessages: ['One.', 'Two.'], errors: {} }, true, ['One.', 'Two.']],
    [
      { errorMessages: [], errors: { customfield_10010: 'Bad date' } },
      true,
      ['Planned start (customfield_10010): Bad date'],
    ],
    [{ errors: { other: 'Bad' } }, true, ['other: Bad']],
    [
      { errors: { customfield_10010: { reason: 'x' } } },
      true,
      ['Planned start (customfield_10010): {"reason":"x"}'],
    ],
    [{ errorMessage: 'No.', i18nErrorMessage: { i18nKey: 'k', parameters: [] } }, true, ['No.']],
    [
      { errorMessages: ['A.'], errors: { x: 'B' }, errorMessage: 'C', message: 'D' },
      true,
      ['A.', 'x: B', 'C', 'D'],
    ],
    [{ errorMessages: [], errors: {} }, true, []],
    [{ errorMessages: [null, 7, { a: 1 }] }, true, ['7']],
    [{ message: 'null for uri: x', 'status-code': 404 }, false, ['null for uri: x']],
    [
      { code: 401, message: 'Unauthorized; scope does not match' },
      false,
      ['Unauthorized; scope does not match'],
    ],
    [{ error: 'x', error_description: 'y' }, false, ['x', 'y']],
    [{ error: { message: 'x' } }, false, ['x']],
    [{ error: 7, errorMessages: ['z'] }, true, ['z', '7']],
    [[], false, []],
    ['text', false, []],
    [null, false, []],
  ])('are read from %j', (body, isJira, messages) => {
    expect(jiraMessages(JSON.stringify(body), names)).toEqual({ isJira, messages });
  });

  it.each(['', '<html>hunter2</html>', '{"errorMessages":["cut', 'hunter2'])('%j contains none', (body) => {
    expect(jiraMessages(body)).toEqual({ isJira: false, messages: [] });
  });
});

describe('the text of a fault', () => {
  it('[F3] contains method, path, status, messages with field names and the trace id, but no query or header', () => {
    const answer = answerOf({
      status: 400,
      json: { errorMessages: ['No.'], errors: { customfield_10010: 'Bad date.' } },
      headers: { 'atl-traceid': 'abc123' },
    });
    expect(answerSummary({ request, answer, fieldNames: names }).line).toBe(
      'POST /rest/servicedeskapi/request was answered with status 400: No. Planned start (customfield_10010): Bad date (trace id abc123).',
    );
    expect(requestName(request).line).toBe('POST /rest/servicedeskapi/request');
  });

  it.each([
    [{ 'x-arequestid': '9x7' }, ' (trace id 9x7)'],
    [{ 'atl-traceid': 'a', 'x-arequestid': 'b' }, ' (trace id a)'],
    [{}, ''],
  ])('[F3] contains the trace id of %j', (headers, trace) => {
    const summary = answerSummary({ request, answer: answerOf({ status: 500, text: '<html>', headers }) });
    expect(summary.line).toBe(`POST /rest/servicedeskapi/request was answered with status 500${trace}.`);
  });

  it('[F3] never contains a body', () => {
    const bodies = fc.oneof(
      fc.string().map((body) => `<html>hunter2${body}</html>`),
      fc.string().map((body) => `hunter2${body}`),
      fc.jsonValue().map((value) => JSON.stringify({ secret: ['hunter2', value] })),
    );
    fc.assert(
      fc.property(bodies, fc.constantFrom(400, 403, 404, 500), (body, status) => {
        expect(
          answerSummary({ request, answer: answerOf({ status, text: body }), fieldNames: names }).line,
        ).not.toContain('hunter2');
      }),
    );
  });

  it('[X1] stays one line without links regardless of what Jira says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, field) => {
        const answer = answerOf({
          status: 400,
          json: {
            errorMessages: [`${message}\n##octopus[x](https://evil.example)`],
            errors: { [field]: message },
          },
          headers: { 'atl-traceid': message },
        });
        const { line } = answerSummary({ request, answer });
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]|##octopus|\]\(/iu);
        expect(line).not.toContain('://');
      }),
    );
  });

  it('[X1] is limited in length', () => {
    const answer = answerOf({ status: 400, json: { errorMessages: ['x'.repeat(100_000)] } });
    expect(answerSummary({ request, answer }).line.length).toBeLessThan(1200);
  });

  it('keeps the status', () => {
    const fault = answerFault('rejected', text`Do this.`, { request, answer: answerOf({ status: 400 }) });
    expect(fault).toMatchObject({ kind: 'rejected', status: 400 });
    expect(fault.message).toBe('POST /rest/servicedeskapi/request was answered with status 400. Do this.');
  });
});

describe('an exchange without an answer', () => {
  it.each<[TransportFailure, string, string, string]>([
    ['not-connected', 'unreachable', 'could not be reached', 'HTTPS_PROXY'],
    ['unknown-host', 'refused', 'host name is unknown', 'JsmChange.BaseUrl'],
    ['bad-proxy', 'refused', "worker's proxy does not connect", 'NO_PROXY'],
    ['certificate', 'refused', 'certificate is not trusted', 'NODE_EXTRA_CA_CERTS'],
    ['lost', 'unreachable', 'connection broke', 'network'],
    ['timeout', 'unreachable', 'did not answer in time', "site's health"],
    ['too-large', 'refused', 'the answer is over 5 MB', '5 MB'],
  ])('[F2] "%s" is a fault of the kind %s, with the cause and advice', (failure, kind, what, advice) => {
    const error = new TransportError(failure, 'ECODE');
    const fault = transportFault(request, error);
    expect(fault.kind).toBe(kind);
    expect(fault.cause).toBe(error);
    expect(fault.summary.line).toContain(`POST /rest/servicedeskapi/request at acme.atlassian.net failed: `);
    expect(fault.summary.line).toContain(what);
    expect(fault.summary.line).toContain('(ECODE)');
    expect(fault.advice.line).toContain(advice);
    expect(fault.message).not.toContain('hunter2');
  });

  it("[F2] also suggests the system's certificate store for a refused certificate", () => {
    const fault = transportFault(request, new TransportError('certificate', 'CERT_HAS_EXPIRED'));
    expect(fault.advice.line).toContain('NODE_USE_SYSTEM_CA=1');
  });
});
