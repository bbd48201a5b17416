/** The defaults of `startSandbox()` and `createSite()`. Other tests rely on them. */

export const defaultProjectKey = 'CHG';
export const defaultProjectName = 'Change management';
export const defaultServiceDeskId = '10';
export const defaultRequestTypeId = '25';
export const defaultRequestTypeName = 'Request a change';
export const defaultIssueType = '[System] Change';

/** The Cloud login: email address and classic API token, as Basic. */
export const defaultUsername = 'octopus@acme.example';
export const defaultToken = 'sandbox-token-1234567890';

/** The same account on Data Center: Basic with `dataCenterUsername`, and `defaultToken` as its password. */
export const dataCenterUsername = 'octopus';
/** A Data Center personal access token, as Bearer. */
export const defaultPersonalAccessToken = 'sandbox-pat-0987654321';
/** A Cloud token with scopes: the site refuses it, the gateway (`/ex/jira/{cloudId}`) accepts it. */
export const defaultScopedToken = 'sandbox-scoped-token-5555555555';

export const defaultCloudId = '11111111-2222-4333-8444-555555555555';
export const defaultBaseUrl = 'https://acme.atlassian.net';

/** Ids of the fields that every site has unless others are given. */
export const plannedStartId = 'customfield_10041';
export const plannedEndId = 'customfield_10042';
export const changeStartDateId = 'customfield_10008';
export const changeCompletionDateId = 'customfield_10009';
export const requestTypeFieldId = 'customfield_10010';
export const approversId = 'customfield_10059';
