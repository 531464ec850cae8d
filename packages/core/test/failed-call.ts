// A call that has to fail, and with a FlumeError.
import assert from 'node:assert/strict';
import { FlumeError } from '../src/index.ts';

/** @returns what it fails with */
export async function failure(call: Promise<unknown>): Promise<FlumeError> {
  const result = await call.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
  assert.ok(result instanceof FlumeError, String(result));
  return result;
}
