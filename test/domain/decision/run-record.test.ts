import { describe, expect, it } from 'vitest';
import { lookAtKey } from '../../../src/domain/decision/run-record.ts';
import { aLook } from '../change/a-change-request.ts';

describe('the last look of a run', () => {
  it('[O2] [L10] counts only if it was at the change request that the run goes by', () => {
    const look = { ...aLook(), askedAt: 0, askedAtWallMs: 0, answeredAt: 0, isWhole: true };
    const { key } = look.changeRequest;
    expect(lookAtKey({ key, look })).toBe(look);
    expect(lookAtKey({ key: 'OPS-7', look })).toBeUndefined();
    expect(lookAtKey({ key })).toBeUndefined();
  });
});
