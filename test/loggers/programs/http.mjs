// Asks a server on this machine, then closes it.
import { once } from 'node:events';

/** @param server one that listens, or is about to */
export async function ask(server, ...targets) {
  if (!server.listening) await once(server, 'listening');
  for (const [target, init] of targets)
    await (await fetch(`http://127.0.0.1:${server.address().port}${target}`, init)).text();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
