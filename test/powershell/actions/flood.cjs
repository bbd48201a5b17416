// Writes more than a pipe holds and ends at once, as an action does that has much to say.
process.exitCode = 1;
for (let line = 0; line < 5000; line += 1) process.stdout.write(`line ${line} ${'x'.repeat(100)}\n`);
process.stdout.write('the last line\n');
process.on('exit', () => launcher.end(false));
