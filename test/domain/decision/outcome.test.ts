import { expect, it } from 'vitest';
import { type DecisionCode, faultEndings } from '../../../src/domain/decision/outcome.ts';
import type { FaultKind } from '../../../src/domain/fault.ts';

/** The code of each kind of fault, as in docs/decision-codes.md, and its rule, as in docs/rules.md. */
const endings: Readonly<Record<FaultKind, readonly [DecisionCode, string]>> = {
  login: ['LoginFailed', 'F3'],
  forbidden: ['PermissionMissing', 'F3'],
  missing: ['NotFound', 'F3'],
  'wrong-url': ['InputInvalid', 'F3'],
  conflict: ['Unexpected', 'F7'],
  rejected: ['InputInvalid', 'F3'],
  'not-raised': ['NotRaised', 'C5'],
  unreachable: ['Unreachable', 'F2'],
  refused: ['Unreachable', 'F2'],
  'window-unknown': ['WindowUnknown', 'W12'],
  configuration: ['InputInvalid', 'C5'],
};

it.each(Object.entries(endings))(
  '[O2] [E2] a run that ends with a fault of the kind %s says %j',
  (kind, [code, rule]) => {
    expect(faultEndings[kind as FaultKind]).toEqual({ code, rule });
  },
);
