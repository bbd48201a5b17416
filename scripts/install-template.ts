/** `npm run install-template`: adds or updates the step templates in the spaces of an Octopus server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand, UsageError } from './command.ts';
import { install } from './install-template/install.ts';
import { OctopusApi, OctopusApiError } from './install-template/octopus-api.ts';
import { octopusLogin } from './install-template/octopus-login.ts';
import { ownTemplates } from './install-template/own-templates.ts';
import { loginTransport } from './login-transport.ts';
import { printLine, terminalLine } from './terminal.ts';

const usage = `Usage: npm run install-template -- --server URL --space NAME|all [--dry-run] [--update-steps]

Adds the step templates (the step and Resume, each for Bash and PowerShell) to a space of an Octopus server, or updates
them, and shows the old and new version and where each template is used. Templates that are up to date are not changed.

  --server URL     the root URL of the server, such as https://acme.octopus.app; OCTOPUS_URL by default
  --space NAME     the name of a space, or "all" for every space that the account can see
  --dry-run        show what would be done, without changing anything
  --update-steps   also update the steps that use an older version of a template

The API key is read from the environment variable OCTOPUS_API_KEY only. Its account needs the permissions
ActionTemplateView, ActionTemplateCreate and ActionTemplateEdit, and ProcessEdit for --update-steps.

Exit code 0: everything is up to date, or would be without --dry-run; 1: something could not be done; 2: wrong usage.`;

const options = {
  server: { type: 'string' },
  space: { type: 'string' },
  'dry-run': { type: 'boolean' },
  'update-steps': { type: 'boolean' },
} as const;

await runCommand({ usage, options }, async ({ values }) => {
  const server = values.server ?? process.env['OCTOPUS_URL'];
  if (server === undefined || server.trim() === '') throw new UsageError('--server is missing.');
  if (values.space === undefined || values.space.trim() === '') throw new UsageError('--space is missing.');
  const login = octopusLogin(server, process.env['OCTOPUS_API_KEY']);
  const transport = loginTransport(process.env);
  try {
    return await install({
      api: new OctopusApi({ ...login, send: transport.send, wait: (ms) => sleep(ms) }),
      templates: await ownTemplates(),
      space: values.space.trim(),
      isDryRun: values['dry-run'] === true,
      updatesSteps: values['update-steps'] === true,
      print: (line) => printLine(login.withoutKey(line)),
    });
  } catch (error) {
    if (!(error instanceof OctopusApiError)) throw error;
    console.error(terminalLine(login.withoutKey(error.message)));
    return 1;
  } finally {
    transport.close();
  }
});
