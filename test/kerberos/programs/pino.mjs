// Logs numbered records with pino, as many as each line of its input says, and ends with it. In a worker, or in process.
import { createInterface } from 'node:readline';
import pino from 'pino';
import pinoFlume from 'pino-flume';

const { inProcess, ...options } = JSON.parse(process.argv[2]);
const transport = inProcess ? pinoFlume(options) : pino.transport({ target: 'pino-flume', options });
transport.on('flume:warning', (warning) => console.error(warning.message));
transport.on('warning', (warning) => console.error(warning.message));
const logger = pino(transport);
let number = 0;
for await (const line of createInterface({ input: process.stdin })) {
  for (const end = number + Number(line); number < end; number += 1)
    logger.info(`${inProcess ? 'inline' : 'pino'} ${number}`);
}
// The transport holds no process.
const held = setInterval(() => {}, 1_000);
transport.once('close', () => {
  clearInterval(held);
  console.log('ended');
});
transport.end();
