import {
  dataCenterUsername,
  defaultPersonalAccessToken,
  defaultProjectKey,
  defaultRequestTypeName,
  defaultToken,
  defaultUsername,
} from '../test/sandbox/defaults.ts';
import { Pages } from '../test/sandbox/pages/pages.ts';
import { startSandbox } from '../test/sandbox/server.ts';
import { runCommand, UsageError, wholeNumber } from './command.ts';

const usage = `Usage: npm run sandbox -- [cloud|dc] [PORT]

Starts a stand-in for Jira Service Management on this machine, as Cloud or, with dc, as Data Center, and prints its
address and login. Open the address in a browser to see the change requests and act as their approver. It runs until
you stop it (Ctrl+C).`;

await runCommand({ usage, mostArguments: 2 }, async ({ positionals: [flavour = 'cloud', portText] }) => {
  if (flavour !== 'cloud' && flavour !== 'dc') throw new UsageError(`"${flavour}" is neither cloud nor dc`);
  await start(
    flavour,
    portText === undefined ? undefined : wholeNumber(portText, { name: 'PORT', min: 1, max: 65_535 }),
  );
  return 0;
});

async function start(flavour: 'cloud' | 'dc', port: number | undefined): Promise<void> {
  const sandbox = await startSandbox({
    flavour,
    contextPath: flavour === 'dc' ? '/jira' : '',
    projects: [
      { key: defaultProjectKey, name: 'Change management', approvals: { Review: ['Ann Approver'] } },
    ],
    ...(port === undefined ? {} : { port }),
    pages: (site) => new Pages(site),
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

Open ${sandbox.url}/ in a browser to see its change requests and to act as their approver.

Raise a change request:
  curl -u ${username}:${defaultToken} -H 'Content-Type: application/json' ${sandbox.url}/rest/servicedeskapi/request \\
    -d '{"serviceDeskId":"10","requestTypeId":"25","requestFieldValues":{"summary":"A change"}}'
Approve it (Implement standard change):
  curl -u ${username}:${defaultToken} -H 'Content-Type: application/json' ${sandbox.url}/rest/api/2/issue/${defaultProjectKey}-1/transitions \\
    -d '{"transition":{"id":"61"}}'

It runs until you stop it (Ctrl+C).`);

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void sandbox.close();
    });
  }
}
