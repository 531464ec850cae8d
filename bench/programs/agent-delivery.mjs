// Puts events into an EmbeddedAgent as an application does, in bursts of a turn, until every one is acknowledged.
import { setTimeout as delay } from 'node:timers/promises';
import { nextTurn } from './meter.mjs';

/**
 * @param eventAt the event of a number: one of a pool, or made anew
 * @param burst events put in a turn of the event loop
 */
export async function deliver(agent, eventAt, events, burst) {
  for (let put = 0; put < events; ) {
    // Well below the channel's bounds, so that nothing is dropped; asleep meanwhile, since turning round costs CPU.
    while (agent.stats().queued.bytes > 6_000_000) await delay(2);
    for (const end = Math.min(put + burst, events); put < end; put += 1) agent.put(eventAt(put));
    await nextTurn();
  }
  await agent.flush();
}

/** Throws where events were lost: what was not delivered is not to be called fast. */
export function checkDelivered(agent, wanted) {
  const { dropped, delivered } = agent.stats();
  if (delivered !== wanted) throw new Error(`${delivered} of ${wanted} delivered; dropped: ${JSON.stringify(dropped)}`);
}
