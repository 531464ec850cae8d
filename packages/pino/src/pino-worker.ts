// pino's worker thread, seen from inside: whether this is one, what it can do, and how it speaks to the main thread.

import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { FlumeError } from 'flume-thrift-client';
import type { PinoConfig } from './pino-config.ts';

export interface PinoWorker {
  /**
   * Hands on pino's levels and message key when they come.
   *
   * @returns when they have come, or after a second: they never come where the transport is given to no logger, or where
   * another target of the same worker was loaded first and took the message. Whoever waits for ever keeps the
   * application from ending, and the other targets from starting.
   */
  config(listener: (config: PinoConfig) => void): Promise<void>;
  /** `logger.flush()` asks the transport. */
  readonly canFlush: boolean;
  /** Tells the main thread: `process.emitWarning` there, and the event 'flume:warning' on the transport. */
  warn(error: FlumeError): void;
}

const configTimeoutMs = 1_000;

/** The worker that pino (thread-stream) started to run this code in, or undefined. */
export function pinoWorker(): PinoWorker | undefined {
  const port = parentPort;
  const started = (workerData as { workerData?: StartedWith } | null)?.workerData;
  const version = started?.$context?.threadStreamVersion;
  if (isMainThread || port === null || started === undefined || version === undefined) return undefined;
  return {
    config: (listener) =>
      new Promise((resolve) => {
        if (started.pinoWillSendConfig !== true) return resolve();
        const timer = setTimeout(resolve, configTimeoutMs);
        port.on('message', function receive(message: { code?: string; config?: PinoConfig } | null) {
          if (message?.code !== 'PINO_CONFIG') return;
          port.off('message', receive);
          clearTimeout(timer);
          listener(message.config ?? {});
          resolve();
        });
      }),
    canFlush: asksTransport(version) && isOnlyDestination(started),
    warn({ name, code, message, retryable, ackUnknown }) {
      // Of an error object the clone would keep neither name nor code; a text is printed as it is.
      port.postMessage({ code: 'WARNING', err: `pino-flume: ${message}` });
      const details = { name, code, message, retryable, ackUnknown };
      port.postMessage({ code: 'EVENT', name: 'flume:warning', args: [details] });
    },
  };
}

interface StartedWith {
  readonly $context?: { readonly threadStreamVersion?: string };
  readonly pinoWillSendConfig?: boolean;
  readonly targets?: readonly { readonly level?: unknown }[];
  readonly pipelines?: readonly unknown[];
}

/** thread-stream calls the destination's flush() since 4.1. */
function asksTransport(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 4 || (major === 4 && minor >= 1);
}

/** With several targets, a pipeline, or a level beside the target, pino puts a stream of its own before the transport's. */
function isOnlyDestination({ targets = [], pipelines = [] }: StartedWith): boolean {
  return pipelines.length === 0 && (targets.length === 0 || (targets.length === 1 && targets[0]?.level == null));
}
