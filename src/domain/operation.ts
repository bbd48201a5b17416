/** What a run of the step does. */
export const operations = ['Gate', 'Request', 'Verify', 'Report', 'Resume', 'Test'] as const;
export type Operation = (typeof operations)[number];

/** The operations that decide. They leave a record (E1), and tolerate a longer outage (F2). */
export type DecidingOperation = 'Gate' | 'Request' | 'Verify';

export function isDeciding(operation: Operation): operation is DecidingOperation {
  return operation === 'Gate' || operation === 'Request' || operation === 'Verify';
}
