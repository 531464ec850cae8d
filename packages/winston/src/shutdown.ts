// Ends a logger without losing what winston itself still holds.
//
// logger.end() ends the transports while up to 16 records, or with a slow transport many more, wait in the logger's own
// buffers; these are lost, or end the process with 'write after end'. So the buffers are emptied first.

import type { Report } from 'flume-thrift-client';
import { systemClock, waitMs, within } from 'flume-thrift-client/loggers';
import { brand, ending, type FlumeTransport } from './flume-transport.ts';

export interface ShutdownOptions {
  /** Milliseconds for all of it, the end of the transports included: half of it at most for winston's buffers. @default 10000 */
  readonly timeoutMs?: number | undefined;
}

/** A winston Logger, as far as it is needed. */
export interface EndableLogger {
  readonly transports: readonly object[];
  readonly writableLength: number;
  readonly readableLength: number;
  end(): unknown;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/**
 * Waits until all transports of the logger have taken what was logged, then ends it. A FlumeTransport that other loggers use
 * too is left to them. Never rejects, but for wrong options.
 *
 * @returns when everything is delivered or dropped, or the time is over: the sum over the logger's FlumeTransports.
 * `queued` events were not delivered in time.
 * @throws FlumeError `ERR_FLUME_OPTION` for a timeoutMs that is no number from 0 on
 *
 * @example
 * installShutdown(async () => {
 *   server.close();
 *   await shutdown(logger, { timeoutMs: 8_000 });
 * });
 */
export async function shutdown(logger: EndableLogger, options: ShutdownOptions = {}): Promise<Report> {
  const timeoutMs = waitMs(options, 10_000);
  const start = systemClock.now();
  const left = (): number => Math.max(0, start + timeoutMs - systemClock.now());
  // The end takes the transports from the logger.
  const targets = [...logger.transports];
  const flumes = [...new Set(targets.map(unwrapped))].filter(isFlume);

  // Meanwhile what our transports have is under way, even where another transport never becomes empty.
  for (const flume of flumes) void flume.flush({ timeoutMs });
  while (left() > timeoutMs / 2 && [logger, ...targets].some(isBusy)) await pause(Math.min(5, left()));

  // Then what our transports hold, while there is time: the end has what is left of it, and no more.
  await Promise.all(flumes.map((flume) => flume.flush({ timeoutMs: left() * 0.9 })));
  const closed = flumes.map((flume) => flume[ending]?.(logger, left()));
  await ended(logger, left);
  await within(systemClock, left(), Promise.all(closed));
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
    const timer = systemClock.after(left(), resolve, { hold: true });
    const finish = (): void => {
      timer.cancel();
      resolve();
    };
    logger.on('finish', finish);
    // A transport that is still behind fails now; without a listener that would end the process before its time.
    logger.on('error', ignore);
    logger.end();
  });
}

function ignore(): void {}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    systemClock.after(ms, resolve, { hold: true });
  });

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
