// The order in which one client prefers the agents, by rendezvous hashing: each client has an order of its own, so that the
// clients of an agent that fails spread over all others, and an agent more or less in the list moves only its own share.

import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';
import type { Endpoint } from '../endpoint.ts';

let instances = 0;

/** Of this embedded agent: no other has it at the same time. */
export function nextIdentity(): string {
  instances += 1;
  return `${hostname()}/${process.pid}/${threadId}/${instances}`;
}

export function preferred(endpoints: readonly Endpoint[], identity: string): Endpoint[] {
  const weighted = endpoints.map((endpoint) => ({ endpoint, weight: hash(`${endpoint.name} ${identity}`) }));
  return weighted.sort((one, other) => other.weight - one.weight).map(({ endpoint }) => endpoint);
}

/** FNV-1a, and the last step of MurmurHash3: of texts that differ in their last character only, the first alone is not even. */
function hash(text: string): number {
  let mixed = 0x811c_9dc5;
  for (let index = 0; index < text.length; index++) mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x0100_0193);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
