// Waits for a minute, and adds a byte to the file `alive` every 50 ms while it lives.
const { appendFileSync } = require('node:fs');

setInterval(() => appendFileSync('alive', '.'), 50);
setTimeout(() => process.exit(0), 60_000);
