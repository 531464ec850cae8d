// Fails a test file that leaves sockets, listeners or timers open.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';

/** To be called once at the top of a test file. */
export function expectNothingLeftOpen(): void {
  let atStart: string[] = [];
  before(() => {
    atStart = resources();
  });
  after(async () => {
    // A handle is gone at the end of the turn that closes it, and an immediate runs before that end.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(resources(), atStart);
  });
}

function resources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|TLS|Pipe|Timeout/.test(name))
    .sort();
}
