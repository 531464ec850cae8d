// Ends a logger without losing what winston itself still holds.
//
// logger.end() ends the transports while up to 16 records, or with a slow transport many more, wait in the logger's own
// buffers; these are lost, or end the process with 'write after end'. So the buffers are emptied first.

import type { Report } from 'flume-thrift-client';
import { brand, type FlumeTransport } from './flume-transport.ts';

export interface ShutdownOptions {
  /** Milliseconds altogether: half of it at most for winston's buffers. @default 10000 */
  readonly timeoutMs?: number | undefined;
}

/** What is needed of a winston Logger. */
export interface EndableLogger {
  readonly transports: readonly object[];
  readonly writableLength: number;
  readonly readableLength: number;
  end(): unknown;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/**
 * Waits until all transports of the logger have taken what was logged, then ends it. Never rejects.
 *
 * @returns when everything is delivered or dropped, or the time is over: the sum over the logger's FlumeTransports.
 * `queued` events were not delivered in time.
 *
 * @example
 * process.once('SIGTERM', async () => {
 *   server.close();
 *   await shutdown(logger, { timeoutMs: 8_000 });
 *   process.exit();
 * });
 */
export async function shutdown(logger: EndableLogger, options: ShutdownOptions = {}): Promise<Report> {
  const start = performance.now();
  const { timeoutMs = 10_000 } = options;
  const left = (): number => Math.max(0, start + timeoutMs - performance.now());
  // The end takes the transports from the logger.
  const targets = [...logger.transports];
  const flumes = [...new Set(targets.map(unwrapped))].filter(isFlume);

  // Meanwhile what our transports have is under way, even where another transport never becomes empty.
  for (const flume of flumes) void flume.flush({ timeoutMs });
  while (left() > timeoutMs / 2 && [logger, ...targets].some(isBusy)) await pause(Math.min(5, left()));

  // Then what our transports hold, while there is time: the end itself gives them closeTimeoutMs and no more.
  await Promise.all(flumes.map((flume) => flume.flush({ timeoutMs: left() * 0.9 })));
  await ended(logger, left);
  // An exception handler alone is not ended by its logger.
  const reports = await Promise.all(flumes.map((flume) => flume.flush({ timeoutMs: left() })));
  return reports.reduce(
    (sum, { delivered, dropped, queued }) => ({
      delivered: sum.delivered + delivered,
      dropped: sum.dropped + dropped,
      queued: sum.queued + queued,
    }),
    { delivered: 0, dropped: 0, queued: 0 },
  );
}

/** Ends the logger and waits for its 'finish', as long as there is time. */
async function ended(logger: EndableLogger, left: () => number): Promise<void> {
  if (isFinished(logger)) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.min(left(), 0x7fff_ffff));
    const finish = (): void => {
      clearTimeout(timer);
      resolve();
    };
    logger.on('finish', finish);
    // A transport that is still behind fails now; without a listener that would end the process before its time.
    logger.on('error', ignore);
    logger.end();
  });
}

function ignore(): void {}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const isBusy = (stream: object): boolean => {
  const { writableLength = 0, readableLength = 0 } = stream as { writableLength?: number; readableLength?: number };
  return writableLength + readableLength > 0;
};

// winston's streams are readable-stream 3, which has no `writableFinished`.
const isFinished = (stream: object): boolean => {
  const { writableFinished, _writableState: state } = stream as {
    writableFinished?: boolean;
    _writableState?: { finished?: boolean };
  };
  return writableFinished ?? state?.finished ?? false;
};

/** winston wraps the transports that are exception handlers only. */
const unwrapped = (target: object): object => (target as { transport?: object }).transport ?? target;

const isFlume = (target: object): target is FlumeTransport => brand in target;
