// Fails a test that leaves a socket, a server or a child process open.
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
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

const handles = (): string[] => [
  ...process.getActiveResourcesInfo().filter((name) => watched.has(name)),
  ...openSockets(),
];

/** Sockets that are unref'd, as ours are, stand in no list of resources: where the system has one of its own, that is used. */
function openSockets(): string[] {
  try {
    return readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:') ? ['socket'] : [];
      } catch {
        // The list's own descriptor is closed by now.
        return [];
      }
    });
  } catch {
    return [];
  }
}

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
