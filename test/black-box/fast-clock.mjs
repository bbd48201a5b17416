/**
 * `node --import './fast-clock.mjs?speed=20'`: the process runs by a clock that is so many times as fast as the real
 * one. Waits of minutes become waits of seconds; nothing else changes.
 */
const speed = Number(new URL(import.meta.url).searchParams.get('speed'));

const realUptime = process.uptime.bind(process);
process.uptime = () => realUptime() * speed;

const realTimeout = globalThis.setTimeout;
globalThis.setTimeout = (callback, delayMs, ...values) => realTimeout(callback, delayMs / speed, ...values);
