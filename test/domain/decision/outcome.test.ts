import { expect, it } from 'vitest';
import { type DecisionCode, faultCodes } from '../../../src/domain/decision/outcome.ts';
import type { FaultKind } from '../../../src/domain/fault.ts';

/** The code of each kind of fault, as in docs/decision-codes.md. */
const codes: Readonly<Record<FaultKind, DecisionCode>> = {
  login: 'LoginFailed',
  forbidden: 'PermissionMissing',
  missing: 'NotFound',
  'wrong-url': 'InputInvalid',
  conflict: 'Unexpected',
  rejected: 'InputInvalid',
  'not-raised': 'NotRaised',
  unreachable: 'Unreachable',
  refused: 'Unreachable',
  'window-unknown': 'WindowUnknown',
  configuration: 'InputInvalid',
};

it.each(Object.entries(codes))('[O2] a run that ends with a fault of the kind %s says %s', (kind, code) => {
  expect(faultCodes[kind as FaultKind]).toBe(code);
});
