// Before the action under Wine: takes the place of the console, which is what sends Ctrl+C and Ctrl+Break on Windows.
// The name of the event comes through a file.
import { existsSync, readFileSync } from 'node:fs';

const file = new URL(new URL(import.meta.url).searchParams.get('file'));
const timer = setInterval(() => {
  if (!existsSync(file)) return;
  clearInterval(timer);
  process.emit(readFileSync(file, 'utf8'));
}, 50);
timer.unref();
