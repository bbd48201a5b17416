/** The floor of the action's start: node-fetch with one GET, bundled the way the action is. */
import fetch from 'node-fetch';

void fetch(process.env['SITE'] ?? '').then((response) => response.text());
