#!/usr/bin/env node
// The command: lines from stdin go to Flume, and what could not be delivered is in the exit status.

import { once } from 'node:events';
import { realpathSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ChannelRoom } from './channel-room.ts';
import { type Command, help, parseCommandLine } from './command-line.ts';
import { LineSource } from './line-source.ts';

type RunCommand = Extract<Command, { kind: 'run' }>;

async function main(args: readonly string[]): Promise<void> {
  let command: Command;
  let source: LineSource | undefined;
  try {
    command = parseCommandLine(args);
    if (command.kind === 'run') source = new LineSource(command.options, (error) => note(error.message));
  } catch (error) {
    // Node's own messages go on with a second sentence on how to pass such a thing.
    const [sentence] = (error as Error).message.split(/\. |\n/);
    note(`${sentence} (--help shows examples)`);
    process.exitCode = 2;
    return;
  }
  if (command.kind === 'help') process.stdout.write(`${help}\n`);
  else if (command.kind === 'version') process.stdout.write(`${version()}\n`);
  else if (command.kind === 'run' && source !== undefined) await run(command, source);
}

async function run(command: RunCommand, source: LineSource): Promise<void> {
  source.configure({ messageKey: command.messageKey });
  const stopping = new AbortController();
  const stop = (): void => {
    stopping.abort();
    process.stdin.destroy();
  };
  let interrupts = 0;
  const interrupt = (): void => {
    interrupts += 1;
    if (interrupts === 1) return;
    summary(source);
    process.exit(130);
  };
  // ^C reaches the whole pipeline. The application ends it in its own time, with records that are still to be sent.
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', stop);
  try {
    await forward(command, source, stopping.signal);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_STREAM_PREMATURE_CLOSE') note(`cannot read: ${message}`);
  }
  await source.close();
  if (!summary(source)) process.exitCode = 1;
  process.off('SIGINT', interrupt);
  process.off('SIGTERM', stop);
}

async function forward({ options, tee, drop }: RunCommand, source: LineSource, stop: AbortSignal): Promise<void> {
  let copies = tee;
  // The reader of the copy has left; Flume has not.
  process.stdout.on('error', () => {
    copies = false;
  });
  const room = new ChannelRoom(source, options.delivery.channel);
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    // A drain that never comes, since the reader left meanwhile, rejects.
    if (copies && !process.stdout.write(chunk)) await once(process.stdout, 'drain').catch(() => {});
    if (drop) source.write(chunk);
    else await writeLines(chunk, source, room, stop);
  }
}

/** Writes line by line, each when there is room, so that not even a small channel overflows. */
async function writeLines(chunk: Buffer, source: LineSource, room: ChannelRoom, stop: AbortSignal): Promise<void> {
  for (let start = 0; start < chunk.length; ) {
    const newline = chunk.indexOf(0x0a, start);
    const end = newline === -1 ? chunk.length : newline + 1;
    // stdin is not read meanwhile, so the pipe fills up and the writer waits.
    while (!stop.aborted && !room.take(end - start)) await room.wait();
    source.write(chunk.subarray(start, end));
    start = end;
  }
}

/** Says what was lost. @returns true where nothing was */
function summary(source: LineSource): boolean {
  const { accepted, delivered, dropped, queued } = source.stats();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  if (lost + queued.events === 0) return true;
  note(`of ${accepted} records ${delivered} were delivered, ${lost} dropped, ${queued.events} left`);
  return false;
}

/** Events are not the only thing that a terminal shows: said synchronously, since an exit may follow. */
function note(line: string): void {
  try {
    writeSync(2, `pino-flume: ${line}\n`);
  } catch {
    // stderr is closed or full: there is nobody to tell.
  }
}

function version(): string {
  // By its real path: the command is usually a link to this file.
  const require = createRequire(realpathSync(process.argv[1] ?? '.'));
  return (require('pino-flume/package.json') as { version: string }).version;
}

void main(process.argv.slice(2));
