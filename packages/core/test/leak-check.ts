// Fails a test that leaves a socket, a server or a child process open.
import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'node:test';

const watched = new Set([
  'TCPSocketWrap',
  'TCPServerWrap',
  'PipeServerWrap',
  'PipeConnectWrap',
  'TCPConnectWrap',
  'TLSWrap',
  'ProcessWrap',
]);

const handles = (): string[] => process.getActiveResourcesInfo().filter((name) => watched.has(name));

/** Call it inside describe(). */
export function leakCheck(): void {
  let before: string[] = [];
  beforeEach(() => {
    before = handles();
  });
  afterEach(async () => {
    // A destroyed socket is gone some turns of the event loop later.
    for (let turn = 0; turn < 200 && handles().length > before.length; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(handles(), before, 'left open');
  });
}
