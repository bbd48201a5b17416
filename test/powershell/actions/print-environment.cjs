// Prints what reached the action, in ASCII on one line, and ends with the exit code that Octopus.Task.Id names.
const seen = {
  variables: launcher.variables,
  environment: process.env,
  arguments: process.argv.slice(2),
  options: process.execArgv.filter((option) => option.startsWith('--')),
  node: process.version,
  platform: process.platform,
};
const text = JSON.stringify(seen).replace(
  /[^ -~]/g,
  (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
);
process.stdout.write(`${text}\n`);
process.exitCode = Number(launcher.variables['Octopus.Task.Id'] || 0);
process.on('exit', (code) => {
  // As the real one does, which has said why it stops; anything else is a crash.
  if (code < 2) launcher.end(code === 0);
});
