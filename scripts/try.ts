import { Pages } from '../test/sandbox/pages/pages.ts';
import { startSandbox } from '../test/sandbox/server.ts';
import { runCommand, wholeNumber } from './command.ts';
import { serviceProject } from './demo/approver.ts';
import { TryPages, tryLink, tryPath } from './try/try-pages.ts';

const usage = `Usage: npm run try -- [--port N]

Starts a gated deployment and a stand-in for Jira Service Management, and prints the address of a page that shows both side
by side: approve, decline or move the change request, or break the site, and see the effect in Octopus' task log. The gate
is the bundle that the step templates contain. It runs until you stop it (Ctrl+C).

  --port N  the port to listen on; any free port by default`;

await runCommand({ usage, options: { port: { type: 'string' } } }, async ({ values: { port } }) => {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  let more: TryPages | undefined;
  const sandbox = await startSandbox({
    projects: [serviceProject],
    record: false,
    ...(port !== undefined && { port: wholeNumber(port, { name: '--port', min: 1, max: 65_535 }) }),
    pages: (site) =>
      new Pages(site, { link: tryLink, answer: (request, pages) => more?.answer(request, pages) }),
  });
  more = new TryPages(sandbox.site);
  console.log(`Web Site 1.0.1 is being deployed to Production, and you are the approver of its change request:

  ${new URL(tryPath, sandbox.url)}

It runs until you stop it (Ctrl+C).`);
  await stopped;
  more.deployment.cancel();
  await more.deployment.ended;
  await sandbox.close();
  return 0;
});
