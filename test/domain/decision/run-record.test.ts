import { describe, expect, it } from 'vitest';
import { checkOfKey } from '../../../src/domain/decision/run-record.ts';
import { aCheck } from '../change/a-change-request.ts';

describe('the last check of a run', () => {
  it('[O2] [L10] counts only if it read the change request that the run uses', () => {
    const check = { ...aCheck(), askedAt: 0, askedAtWallMs: 0, answeredAt: 0, isWhole: true };
    const { key } = check.changeRequest;
    expect(checkOfKey({ key, check })).toBe(check);
    expect(checkOfKey({ key: 'OPS-7', check })).toBeUndefined();
    expect(checkOfKey({ key })).toBeUndefined();
  });
});
