import { describe, expect, it } from 'vitest';
import { operate } from '../../operations/operation-run.ts';
import { plannedEndId, plannedStartId } from '../../sandbox/defaults.ts';
import { deploymentTitle } from '../../sandbox/octopus-variables.ts';
import { SimulatedSite } from '../../simulation/simulated-site.ts';
import { gate, hourMs, minuteMs } from '../gate-run.ts';

/** Removes a field from an answer, as on an issue whose type does not have it. */
function without(body: string, id: string): string {
  return body.replace(new RegExp(`"${id}":(?:null|"[^"]*"),?`, 'g'), '').replace(/,\}/g, '}');
}

/** Names the planned fields in the account's language, which only the site's field list resolves. */
function inJapanese(body: string, url: string): string {
  if (!url.includes('/issue/')) return body;
  return body
    .replace(`"${plannedStartId}":"Planned start"`, `"${plannedStartId}":"開始予定"`)
    .replace(`"${plannedEndId}":"Planned end"`, `"${plannedEndId}":"終了予定"`);
}

describe('a planned field whose name in the answer is translated', () => {
  it('[W12] [L10] [F7] counts on the change request that the run follows to, although the withdrawn one did not have it', async () => {
    const site = new SimulatedSite();
    const first = site.createRequest({ summary: deploymentTitle, status: 'Review', lagged: false }).key;
    const rewrite = (body: string, _number: number, { url }: { readonly url: string }): string => {
      const translated = inJapanese(body, url);
      return url.includes(`/issue/${first}?`) ? without(translated, plannedEndId) : translated;
    };
    const withdraw = () => {
      const other = site.createRequest({
        summary: deploymentTitle,
        status: 'Implementing',
        fields: { 'Planned end': site.dateIn(-hourMs) },
      });
      site.editSummary(first, `Withdrawn in favour of ${other.key}: ${deploymentTitle}`);
    };
    const run = await gate(site, {}, { rewrite, at: [[minuteMs, withdraw]] });
    expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'WindowClosed' } });
  });

  it('[W12] [L10] [F7] counts in a Verify too', async () => {
    const site = new SimulatedSite();
    const other = site.createRequest({
      summary: deploymentTitle,
      status: 'Implementing',
      lagged: false,
      fields: { 'Planned end': site.dateIn(-hourMs) },
    });
    const first = site.createRequest({
      summary: `Withdrawn in favour of ${other.key}: ${deploymentTitle}`,
      status: 'Declined',
      lagged: false,
    }).key;
    const rewrite = (body: string, _number: number, { url }: { readonly url: string }): string => {
      const translated = inJapanese(body, url);
      return url.includes(`/issue/${first}?`) ? without(translated, plannedEndId) : translated;
    };
    const run = await operate(
      site,
      'Verify',
      {
        'Octopus.Action[G].Output.ChangeRequest.Number': first,
        'Octopus.Action[G].Output.Decision': 'Proceed',
      },
      { rewrite },
    );
    expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'WindowClosed' } });
  });

  it('[W8] [W12] [F7] counts at the deciding look if it was added since the first look', async () => {
    const site = new SimulatedSite();
    const { key } = site.createRequest({ summary: deploymentTitle, status: 'Review', lagged: false });
    let isThere = false;
    const rewrite = (body: string, _number: number, { url }: { readonly url: string }): string => {
      const translated = inJapanese(body, url);
      return isThere || !url.includes('/issue/') ? translated : without(translated, plannedEndId);
    };
    const approve = () => {
      isThere = true;
      site.setField(key, 'Planned end', site.dateIn(-hourMs));
      site.moveTo(key, 'Implementing');
    };
    const run = await gate(site, {}, { rewrite, at: [[minuteMs, approve]] });
    expect(run).toMatchObject({ exitCode: 1, outputs: { DecisionCode: 'WindowClosed' } });
  });
});

describe('planned fields of a site that answers in another language, one of which is named', () => {
  const inWindow = (site: SimulatedSite, endMs: number) =>
    site.createRequest({
      summary: deploymentTitle,
      status: 'Implementing',
      lagged: false,
      fields: { 'Planned start': site.dateIn(-2 * hourMs), 'Planned end': site.dateIn(endMs) },
    });
  const rewrite = (body: string, _number: number, { url }: { readonly url: string }): string =>
    inJapanese(body, url);

  it.each([
    ['start', 'end', { 'JsmChange.PlannedStartField': plannedStartId }],
    ['end', 'start', { 'JsmChange.PlannedEndField': plannedEndId }],
  ] as const)(
    '[W12] [F7] Planned %s is named by its id, and Planned %s counts as well',
    async (named, _other, variables) => {
      const site = new SimulatedSite();
      const { key } = inWindow(site, named === 'start' ? -hourMs : hourMs);
      if (named === 'end') site.setField(key, 'Planned start', site.dateIn(hourMs / 2));
      const run = await gate(site, { ...variables, 'JsmChange.WhenPending': 'Fail' }, { rewrite });
      expect(run).toMatchObject({
        exitCode: 1,
        outputs: { DecisionCode: named === 'start' ? 'WindowClosed' : 'AwaitingPlannedStart' },
      });
    },
  );

  it.each<[Readonly<Record<string, string>>]>([
    [{ 'JsmChange.PlannedStartField': 'Planned start' }],
    [{ 'JsmChange.PlannedStartField': 'Planned start', 'JsmChange.PlannedEndField': 'Planned end' }],
    [{ 'Octopus.JiraServiceManagement.Field[Planned start]': '2026-06-13T07:00:00Z' }],
  ])('[W12] a field that %j names counts, whatever the answer calls it', async (variables) => {
    const site = new SimulatedSite();
    inWindow(site, hourMs);
    const run = await gate(site, variables, { rewrite });
    expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
  });
});

describe('two fields of one name, of which each issue type has one', () => {
  it('[W12] [L10] does not stop a run that follows to one whose Planned start is the other field', async () => {
    const second = 'customfield_20041';
    const site = new SimulatedSite({ fields: [{ id: second, name: 'Planned start', kind: 'datetime' }] });
    const past = site.dateIn(-hourMs);
    const first = site.createRequest({
      summary: deploymentTitle,
      status: 'Review',
      lagged: false,
      fields: { [plannedStartId]: past },
    }).key;
    const rewrite = (body: string, _number: number, { url }: { readonly url: string }): string => {
      if (url.includes(`/issue/${first}?`)) return without(body, second);
      return url.includes('/issue/') ? without(body, plannedStartId) : body;
    };
    const withdraw = () => {
      const fields = { [second]: past };
      const other = site.createRequest({ summary: deploymentTitle, status: 'Implementing', fields });
      site.editSummary(first, `Withdrawn in favour of ${other.key}: ${deploymentTitle}`);
    };
    const run = await gate(site, {}, { rewrite, at: [[minuteMs, withdraw]] });
    expect(run).toMatchObject({ exitCode: 0, outputs: { Decision: 'Proceed' } });
  });
});
