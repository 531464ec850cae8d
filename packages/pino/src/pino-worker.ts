// pino's worker thread, seen from inside: whether this is one, what it can do, and how it speaks to the main thread.

import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { FlumeError } from 'flume-thrift-client';
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
  /** Why `logger.flush()` does not wait for Flume, or undefined where it does. */
  readonly flushNotice: string | undefined;
  /** Tells the main thread: `process.emitWarning` there, and the event 'flume:warning' on the transport. */
  warn(error: FlumeError): void;
  /** An event on the transport, with one argument, which is cloned. */
  emit(name: `flume:${string}`, argument: unknown): void;
  /** Sees to it that this error, which is about to be thrown, has its name and code on the main thread too. */
  keepCode(error: unknown): void;
}

const configTimeoutMs = 1_000;

/** The worker that pino (thread-stream) started to run this code in, or undefined. */
export function pinoWorker(): PinoWorker | undefined {
  const port = parentPort;
  const started = (workerData as { workerData?: StartedWith } | null)?.workerData;
  const version = started?.$context?.threadStreamVersion;
  if (isMainThread || port === null || started === undefined || version === undefined) return undefined;
  const emit = (name: string, argument: unknown): void => port.postMessage({ code: 'EVENT', name, args: [argument] });
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
    flushNotice: flushNotice(version, started),
    warn(error) {
      // A text is printed as it is.
      port.postMessage({ code: 'WARNING', err: `pino-flume: ${error.message}` });
      emit('flume:warning', details(error));
    },
    emit,
    keepCode(error) {
      if (!(error instanceof FlumeError)) return;
      // Before thread-stream's listener, which sends the error itself: on the other side the first one counts.
      process.prependListener('unhandledRejection', (reason) => {
        if (reason === error) port.postMessage({ code: 'ERROR', err: details(error) });
      });
    },
  };
}

/** An error, as it crosses: the clone of one would have neither its name nor its code. */
function details({ name, code, message, retryable, ackUnknown }: FlumeError): object {
  return { name, code, message, retryable, ackUnknown };
}

export interface StartedWith {
  readonly $context?: { readonly threadStreamVersion?: string };
  readonly pinoWillSendConfig?: boolean;
  readonly targets?: readonly { readonly level?: unknown }[];
  readonly pipelines?: readonly unknown[];
}

const remedy = 'it does with thread-stream >= 4.2.1, as a new installation of pino >= 10.2 has it';

/** thread-stream asks the destination since 4.1, but up to 4.2.0 its answer may not come while the loop is idle. */
export function flushNotice(version: string, started: StartedWith): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  const number = major * 1e6 + minor * 1e3 + patch;
  if (number < 4_001_000)
    return `logger.flush() does not wait for Flume here; ${remedy}, and pino-flume as the only target`;
  if (!isOnlyDestination(started)) {
    return 'logger.flush() does not wait for Flume here; it does with pino-flume as the only target, without a level';
  }
  if (number >= 4_002_001) return undefined;
  return `logger.flush() may never call back with thread-stream ${version}; ${remedy}`;
}

/** With several targets, a pipeline, or a level beside the target, pino puts a stream of its own before the transport's. */
function isOnlyDestination({ targets = [], pipelines = [] }: StartedWith): boolean {
  return pipelines.length === 0 && (targets.length === 0 || (targets.length === 1 && targets[0]?.level == null));
}
