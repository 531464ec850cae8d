// Checked by the compiler, and run only so that nobody forgets it.
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { pino, type TransportSingleOptions } from 'pino';
import {
  type PinoFlumeInProcessOptions,
  type PinoFlumeOptions,
  type PinoFlumeStream,
  pinoFlume,
} from '../src/index.ts';

test('options for the worker are plain data', () => {
  const worker: TransportSingleOptions<PinoFlumeOptions> = {
    target: 'pino-flume',
    options: { agents: ['a:1'], map: '/map.mjs' },
  };
  // @ts-expect-error A function does not survive the way into the worker.
  const wrong: TransportSingleOptions<PinoFlumeOptions> = { target: 'pino-flume', options: { map: () => null } };
  const context: PinoFlumeOptions = { context: { path: 'ctx', include: ['tenant'] } };
  // @ts-expect-error Nor does an AsyncLocalStorage.
  const store: PinoFlumeOptions = { context: { store: new AsyncLocalStorage() } };
  const inProcess: PinoFlumeInProcessOptions = { context: { store: new AsyncLocalStorage(), prefix: 'ctx.' } };
  void [context, store, inProcess];
  const targets = [{ target: 'pino-flume', level: 'info', options: { port: 1 } satisfies PinoFlumeOptions }];
  void [worker, wrong, targets, (): unknown => pino.transport<PinoFlumeOptions>(worker)];
});

test('in process a stream comes back at once, and map is a function', () => {
  const inProcess = (): pino.Logger => {
    const stream: PinoFlumeStream = pinoFlume({ agents: 'a:1', map: ({ msg }) => ({ body: msg }) });
    return pino({ level: 'info' }, stream);
  };
  void inProcess;
});
