#!/usr/bin/env node
// The command: lines from stdin go to Flume, and what could not be delivered is in the exit status.

import { once } from 'node:events';
import { note, runCommand } from 'flume-thrift-client/commands';
import { type Command, commandOf, outline } from './command-line.ts';
import { LineSource } from './line-source.ts';

void runCommand(outline, async (given) => {
  const command = commandOf(given);
  const source = new LineSource(command.options, (error) => note(outline.name, error.message));
  return await run(command, source);
});

/** @returns the exit status */
async function run(command: Command, source: LineSource): Promise<number> {
  const { closeTimeoutMs = 0 } = command.options.delivery;
  let deadlineMs: number | undefined;
  const stop = (): void => {
    deadlineMs ??= performance.now() + closeTimeoutMs;
    process.stdin.destroy();
    // Lines that wait for room would wait on.
    setTimeout(() => void source.close({ timeoutMs: 0 }), closeTimeoutMs).unref();
  };
  let interrupts = 0;
  const interrupt = (): void => {
    interrupts += 1;
    if (interrupts === 1 && process.stdin.isTTY !== true) return;
    summary(source);
    process.exit(130);
  };
  // ^C reaches the whole pipeline. The application ends it in its own time, with records that are still to be sent.
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', stop);
  try {
    await forward(command, source);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_STREAM_PREMATURE_CLOSE') note(outline.name, `cannot read: ${message}`);
  }
  if (!command.drop) await source.offer();
  await source.close(deadlineMs === undefined ? {} : { timeoutMs: Math.max(0, deadlineMs - performance.now()) });
  process.off('SIGINT', interrupt);
  process.off('SIGTERM', stop);
  return summary(source) ? 0 : 1;
}

async function forward({ tee, drop }: Command, source: LineSource): Promise<void> {
  let copies = tee;
  // The reader of the copy has left; Flume has not.
  process.stdout.on('error', () => {
    copies = false;
  });
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    // A drain that never comes, since the reader left meanwhile, rejects.
    if (copies && !process.stdout.write(chunk)) await once(process.stdout, 'drain').catch(() => {});
    if (drop) source.write(chunk);
    // stdin is not read meanwhile, so the pipe fills up and the writer waits.
    else await source.offer(chunk);
  }
}

/** Says what was lost. @returns true where nothing was */
function summary(source: LineSource): boolean {
  const { accepted, delivered, dropped, queued, spooled } = source.stats();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  if (spooled > 0) note(outline.name, `${spooled} records wait in files, for the next one that has this --channel-dir`);
  if (lost + queued.events === 0) return true;
  note(outline.name, `of ${accepted} records ${delivered} were delivered, ${lost} dropped, ${queued.events} left`);
  return false;
}
