/** `node --import './worker-clock.mjs?start=1781337600000'`: the clock of the process starts at that time. */
const offsetMs = Number(new URL(import.meta.url).searchParams.get('start')) - Date.now();

const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(RealDate.now() + offsetMs);
    else super(...values);
  }

  static now() {
    return RealDate.now() + offsetMs;
  }
};
