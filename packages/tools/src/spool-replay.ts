// flume-spool replay: delivers what dead writers left, as any agent on the folder would, and ends when that is done.

import { setTimeout as delay } from 'node:timers/promises';
import { type DeliveryOptions, EmbeddedAgent } from 'flume-thrift-client';
import { kernelId, note } from 'flume-thrift-client/commands';
import { countText } from './amount.ts';
import { Progress } from './progress.ts';
import type { SurveyedFolder } from './spool-survey.ts';
import { survey } from './spool-walk.ts';

export interface ReplayOptions {
  readonly delivery: DeliveryOptions;
  /** Ends where nothing was delivered for so long. */
  readonly giveUpMs: number;
}

/** Delivery options for a replay: the channel is the spool. */
export function replayDelivery(dir: string, options: Record<string, unknown>): DeliveryOptions {
  return { ...options, channel: { type: 'file', dir, maxBytes: Number.MAX_SAFE_INTEGER, minFreeBytes: 0 } };
}

const lookMs = 200;

/** @returns the exit status: 1 where not everything was delivered */
export async function replaySpool(
  command: string,
  dir: string,
  { delivery, giveUpMs }: ReplayOptions,
): Promise<number> {
  const { folders } = await survey(dir);
  const left = folders.filter(isLeft);
  const refused = left.filter(({ obstacle }) => obstacle !== undefined);
  for (const folder of folders.filter(({ state, segments }) => state === 'alive' && segments.length > 0)) {
    note(command, `${folder.name}: its writer is alive (process ${folder.owner.pid}) and delivers it`);
  }
  for (const folder of refused) note(command, `${folder.name}: ${folder.obstacle}`);
  if (left.length === refused.length) {
    note(command, 'no dead writer has left anything');
    return refused.length === 0 ? 0 : 1;
  }

  const agent = new EmbeddedAgent(delivery);
  const progress = new Progress('replaying', () => {
    const { delivered, recovered } = agent.stats();
    return { done: `${delivered.toLocaleString('en-US')} of ${countText(recovered, 'event')} found`, part: undefined };
  });
  agent.on('warning', ({ message }) => {
    progress.clear();
    note(command, message);
  });
  let status: number | undefined;
  const stop = (code: number): void => {
    status ??= code;
    void agent.close({ timeoutMs: 0 });
  };
  // A second one ends at once.
  const interrupt = (): void => stop(130);
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);

  let [delivered, sinceMs] = [0, performance.now()];
  while (status === undefined && (agent.stats().queued.events > 0 || (await hasMore(dir)))) {
    await agent.flush({ timeoutMs: lookMs });
    if (agent.stats().queued.events === 0) await delay(lookMs);
    if (agent.stats().delivered > delivered) [delivered, sinceMs] = [agent.stats().delivered, performance.now()];
    else if (performance.now() - sinceMs > giveUpMs) stop(1);
  }
  await agent.close();
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  progress.end();

  const { spooled, dropped, ...stats } = agent.stats();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  const rest = status !== undefined ? ', and what is left waits for the next' : '';
  note(command, `${countText(stats.delivered, 'event')} delivered, ${countText(lost, 'event')} given up${rest}`);
  return status ?? (lost + spooled > 0 || refused.length > 0 ? 1 : 0);
}

async function hasMore(dir: string): Promise<boolean> {
  const { folders } = await survey(dir);
  return folders.some((folder) => folder.obstacle === undefined && (isLeft(folder) || isOurs(folder)));
}

function isLeft({ state, segments }: SurveyedFolder): boolean {
  return state !== 'alive' && segments.length > 0;
}

/** Adopted by this process, which reads it. */
function isOurs({ owner, segments }: SurveyedFolder): boolean {
  return owner.pid === process.pid && owner.boot === kernelId && segments.length > 0;
}
