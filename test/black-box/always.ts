import { foldName } from '../../src/domain/names.ts';
import { secretForms } from '../../src/octopus/secrets.ts';
import { decisionsOf } from '../docs/documented-codes.ts';
import type { Flavour } from '../sandbox/account.ts';
import { defaultUsername } from '../sandbox/defaults.ts';
import type { RecordedRequest } from '../sandbox/exchange.ts';
import { checkAnswer, checkRequest, hasOpenApi } from '../sandbox/openapi.ts';
import type { Ended } from './run-action.ts';

/** One run and everything that was observed of it. */
export interface WatchedRun extends Ended {
  readonly variables: Readonly<Record<string, string>>;
  /** Root URL of the JSM site. */
  readonly siteUrl: string;
  readonly flavour: Flavour;
  readonly requests: readonly RecordedRequest[];
  /** True if the site was set up to answer differently from Jira. */
  readonly faulty: boolean;
}

/** O2 */
const outputNames = new Set([
  'ChangeRequest.Number',
  'ChangeRequest.Url',
  'ChangeRequest.Status',
  'ChangeRequest.Source',
  'ChangeRequest.PlannedStart',
  'ChangeRequest.PlannedEnd',
  'Decision',
  'DecisionCode',
  'DecisionReason',
  'WaitInstructions',
]);
/** O1: the decisions that end with 0. */
const goes = new Set(['Proceed', 'NotRequired']);
/** R1: the decisions of a *Request* that end with 0. */
const goesOn = new Set(['Ready', 'Pending', 'NotRequired']);
const stops = new Set(['Stop', 'TimedOut', 'Error']);
const messageNames =
  /^(?:setVariable|progress|resultMessage|mask|createArtifact|stdout-(?:highlight|wait|warning|verbose|default))$/;

/**
 * Checks the rules that hold for every run; the scenarios check the rest.
 * @returns one sentence per broken rule
 */
export function brokenRules(run: WatchedRun): string[] {
  return [...brokenEnding(run), ...brokenLog(run), ...leakedSecrets(run), ...brokenContract(run)];
}

function operationOf(run: WatchedRun): string {
  return (run.variables['JsmChange.Operation'] || 'Gate').trim().toLowerCase();
}

function brokenEnding(run: WatchedRun): string[] {
  const broken: string[] = [];
  if (run.exitCode !== 0 && run.exitCode !== 1) broken.push(`O1: the exit code is ${run.exitCode}`);
  if (run.stderr !== '') broken.push(`M0: stderr holds ${JSON.stringify(run.stderr.slice(0, 500))}`);
  for (const name of new Set(run.outputNames)) {
    if (!outputNames.has(name)) broken.push(`O2: ${name} is not an output variable`);
    if (run.outputNames.filter((each) => each === name).length > 1) broken.push(`O2: ${name} is set twice`);
  }
  for (const name of ['ChangeRequest.PlannedStart', 'ChangeRequest.PlannedEnd']) {
    const value = run.outputs[name] ?? '';
    if (!/^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z)?$/.test(value))
      broken.push(`O2: ${name} is ${value}`);
  }
  const decides = !['report', 'test'].includes(operationOf(run));
  return [...broken, ...(decides ? brokenDecision(run) : [])];
}

function brokenDecision(run: WatchedRun): string[] {
  const { exitCode, outputs, result, summary, messages } = run;
  const decision = outputs['Decision'] ?? '';
  const broken: string[] = [];
  const isRequest = operationOf(run) === 'request';
  const good = isRequest ? goesOn : goes;
  if (!good.has(decision) && !stops.has(decision)) broken.push(`O3: the decision is "${decision}"`);
  if ('WaitInstructions' in outputs !== isRequest) broken.push('R2: WaitInstructions are of a Request');
  if ((exitCode === 0) !== good.has(decision)) broken.push(`O1: ${decision} ends with exit code ${exitCode}`);
  const code = outputs['DecisionCode'] ?? '';
  if (!decisionsOf(code).includes(decision)) broken.push(`O3: the code of ${decision} is "${code}"`);
  if ((outputs['DecisionReason'] ?? '').trim() === '') broken.push('O2: DecisionReason is empty');
  if (!(summary.at(-1) ?? '').includes(decision))
    broken.push('M1: the last highlighted line is not the ending');
  if (exitCode === 0 && result !== undefined) broken.push(`M2: a run that proceeds has the result ${result}`);
  if (exitCode !== 0 && messages.at(-1)?.name !== 'resultMessage')
    broken.push('M2: a stop ends without its result');
  if (!showsLink(run)) broken.push('M1: no line shows the change request as a link');
  if (decision === 'Proceed' && !sawApproval(run)) broken.push('F7: nothing showed the approval');
  return broken;
}

/** M1: whether a line of the Task Summary links to the change request, if one is known and its site is as well. */
function showsLink({ outputs, requests, summary, siteUrl }: WatchedRun): boolean {
  const number = outputs['ChangeRequest.Number'];
  if (number === undefined) return true;
  // Only an invalid input can leave the site unknown, and then nothing is sent.
  const hasSite =
    outputs['DecisionCode'] !== 'InputInvalid' || requests.length > 0 || 'ChangeRequest.Url' in outputs;
  return !hasSite || summary.some((line) => line.includes(`[${number}](${siteUrl}/browse/${number})`));
}

/** F7: whether the last read of the change request showed a status that allows the deployment. */
function sawApproval({ requests, outputs, variables }: WatchedRun): boolean {
  const named = (variables['JsmChange.ProceedStatuses'] ?? '')
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '');
  const proceed = new Set((named.length === 0 ? ['Implementing'] : named).map(foldName));
  const last = requests
    .filter(({ method, path }) => method === 'GET' && /\/rest\/api\/2\/issue\/[^/]+\?/.test(path))
    .flatMap(({ answer }) => issueIn(answer.body))
    // The read that confirms a move requests no status.
    .findLast(({ key, fields }) => key === outputs['ChangeRequest.Number'] && fields?.status !== undefined);
  const { id = '', name = '' } = last?.fields?.status ?? {};
  const isPolicyDeciding = (variables['JsmChange.Policy'] ?? '') !== '' && last !== undefined;
  return isPolicyDeciding || proceed.has(foldName(name)) || proceed.has(id);
}

interface ShownIssue {
  readonly key?: string;
  readonly fields?: { readonly status?: { readonly id: string; readonly name: string } };
}

/** The issue in an answer, if there is one; an answer can be any text. */
function issueIn(body: string): ShownIssue[] {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === 'object' && json !== null ? [json] : [];
  } catch {
    return [];
  }
}

function brokenLog(run: WatchedRun): string[] {
  const broken = run.dropped.map((text) => `X1: Octopus can't read ${text}`);
  for (const { name } of run.messages) {
    if (!messageNames.test(name)) broken.push(`X1: ${name} is not a service message of the step`);
  }
  for (const { text } of run.lines) {
    if (/[\p{Cc}\u2028\u2029]/u.test(text))
      broken.push(`X1: a control character is in ${JSON.stringify(text)}`);
    for (const [, target = ''] of text.matchAll(/\]\(([^)]*)\)/g)) {
      if (!isOwn(target, run)) broken.push(`X1: a link leads to ${target}`);
    }
  }
  if (run.lastLevel !== 'default') broken.push(`the level ${run.lastLevel} is left behind`);
  return broken;
}

function isOwn(target: string, { siteUrl, variables }: WatchedRun): boolean {
  const server = variables['Octopus.Web.ServerUri'] || 'https://octopus.invalid';
  return target.startsWith(`${siteUrl}/`) || target.startsWith(`${server}/`);
}

/** X3: the login may be only in the Authorization header and in messages that mask it. */
function leakedSecrets(run: WatchedRun): string[] {
  // A policy names the user and the variable that contains the secret.
  const username = run.variables['JsmChange.Username'] || defaultUsername;
  const tokens = Object.entries(run.variables).filter(
    ([name, value]) => /token$/i.test(name) && value !== '',
  );
  const shown = [
    ...run.lines.map(({ text }) => text),
    ...run.messages
      .filter(({ name }) => name !== 'mask')
      .flatMap(({ attributes }) => Object.values(attributes)),
    run.stderr,
    ...run.files.values(),
  ];
  const sent = run.requests.flatMap(({ path, body, headers }) => {
    const { authorization: _login, ...others } = headers;
    return [path, body ?? '', ...Object.values(others)];
  });
  const forms = tokens.flatMap(([, token]) => secretForms(username, token));
  return forms.flatMap((form) =>
    [...shown, ...sent].filter((text) => text.includes(form)).map((text) => `X3: the login shows in ${text}`),
  );
}

/**
 * If Atlassian's documents are present, checks each request against them, and each answer unless the site is
 * faulty.
 */
function brokenContract({ requests, flavour, faulty }: WatchedRun): string[] {
  if (!hasOpenApi) return [];
  return requests
    .filter((request) => !(flavour === 'dc' && isKindProbe(request)))
    .flatMap((request) => [
      ...checkRequest(request, flavour),
      ...(faulty ? [] : checkAnswer(request, request.answer, flavour)),
    ]);
}

/** While the kind of a site is unknown, the step tries Cloud's search first; Data Center answers 404. */
function isKindProbe({ method, path, answer }: RecordedRequest): boolean {
  return method === 'POST' && path.endsWith('/rest/api/3/search/jql') && answer.status === 404;
}
