// pino-flume on a slow disk: loaded when the other targets have long started.
import { setTimeout as delay } from 'node:timers/promises';

await delay(300);

export { default } from 'pino-flume';
