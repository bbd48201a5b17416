import fc from 'fast-check';

/**
 * A setup file of Vitest: random tests draw the same cases in every run, so that a failure is due to a change.
 * `RANDOM_SEED=7 npm test` draws others; `npm run simulate` draws new ones each time.
 */
export const randomSeed = Number(process.env['RANDOM_SEED'] ?? 1);

if (!Number.isSafeInteger(randomSeed)) throw new Error('RANDOM_SEED is not a whole number');
fc.configureGlobal({ seed: randomSeed });
