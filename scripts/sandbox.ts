import {
  dataCenterUsername,
  defaultPersonalAccessToken,
  defaultProjectKey,
  defaultRequestTypeName,
  defaultToken,
  defaultUsername,
} from '../test/sandbox/defaults.ts';
import { startSandbox } from '../test/sandbox/server.ts';

/** Starts the sandbox by hand: `npm run sandbox`, or `npm run sandbox -- dc 8090` for Data Center on port 8090. */
const flavour = process.argv.includes('dc') ? 'dc' : 'cloud';
const port = process.argv.slice(2).find((argument) => /^\d+$/.test(argument));

const sandbox = await startSandbox({
  flavour,
  contextPath: flavour === 'dc' ? '/jira' : '',
  projects: [{ key: defaultProjectKey, name: 'Change management', approvals: { Review: ['Ann Approver'] } }],
  ...(port === undefined ? {} : { port: Number(port) }),
});

const username = flavour === 'cloud' ? defaultUsername : dataCenterUsername;
console.log(`Jira Service Management stand-in (${flavour === 'cloud' ? 'Cloud' : 'Data Center'})

  URL              ${sandbox.url}
  user name        ${username}
  token            ${defaultToken}`);
if (flavour === 'dc') {
  console.log(`  access token     ${defaultPersonalAccessToken}`);
}
console.log(`  service project  ${defaultProjectKey}
  request type     ${defaultRequestTypeName}

Raise a change request:
  curl -u ${username}:${defaultToken} -H 'Content-Type: application/json' ${sandbox.url}/rest/servicedeskapi/request \\
    -d '{"serviceDeskId":"10","requestTypeId":"25","requestFieldValues":{"summary":"A change"}}'
Approve it (Implement standard change):
  curl -u ${username}:${defaultToken} -H 'Content-Type: application/json' ${sandbox.url}/rest/api/2/issue/${defaultProjectKey}-1/transitions \\
    -d '{"transition":{"id":"61"}}'

It runs until it is stopped (Ctrl+C).`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void sandbox.close();
  });
}
