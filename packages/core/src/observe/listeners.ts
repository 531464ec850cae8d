// Listeners, and how they are told. Nothing that one of them throws reaches whoever caused it: a logger, in the end.

import type { EventEmitter } from 'node:events';
import type { FlumeError } from '../errors.ts';
import { thrownText } from '../shown-value.ts';

/** @returns whether there is a listener. Never throws */
export function tell(emitter: EventEmitter, name: string, ...args: readonly unknown[]): boolean {
  try {
    return emitter.emit(name, ...args);
  } catch (thrown) {
    warnProcess(`a listener of '${name}' threw: ${thrownText(thrown)}`, 'FlumeError');
    return true;
  }
}

/** Tells of a warning, the process itself where nobody listens. Never throws. */
export function warn(emitter: EventEmitter, error: FlumeError): void {
  if (!tell(emitter, 'warning', error)) warnProcess(error.message, error.name, error.code);
}

function warnProcess(message: string, type: string, code?: string): void {
  try {
    process.emitWarning(message, code === undefined ? { type } : { type, code });
  } catch {
    // At the end of the stack anything throws.
  }
}
