// pino's worker thread, seen from inside: whether this is one, what it can do, and how it speaks to the main thread.

import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { FlumeError } from 'flume-thrift-client';

export interface PinoWorker {
  /** pino will send its levels and message key. */
  readonly willSendConfig: boolean;
  /** `logger.flush()` asks the transport. */
  readonly canFlush: boolean;
  /** Tells the main thread: `process.emitWarning` there, and the event 'flume:warning' on the transport. */
  warn(error: FlumeError): void;
}

/** The worker that pino (thread-stream) started to run this code in, or undefined. */
export function pinoWorker(): PinoWorker | undefined {
  const port = parentPort;
  const started = (workerData as { workerData?: StartedWith } | null)?.workerData;
  const version = started?.$context?.threadStreamVersion;
  if (isMainThread || port === null || started === undefined || version === undefined) return undefined;
  return {
    willSendConfig: started.pinoWillSendConfig === true,
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
