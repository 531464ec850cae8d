// Puts numbered events into a file channel, from a number on, and writes after each burst how many there are now. When its
// input ends it takes no more and delivers all that is in the folder; else it is killed.
import { writeSync } from 'node:fs';
import { EmbeddedAgent } from 'flume-thrift-client';

const [dir, port, from] = process.argv.slice(2);
const agent = new EmbeddedAgent({
  port: Number(port),
  channel: { type: 'file', dir },
  retry: { initialDelayMs: 50, maxDelayMs: 500 },
});
agent.on('warning', () => {});
let number = Number(from);
const load = setInterval(() => {
  for (let count = 0; count < 40; count++, number++) {
    agent.put({ headers: { id: `${number}` }, body: `event ${number} ${'.'.repeat(number % 200)}` });
  }
  writeSync(1, `${number}\n`);
}, 20);
process.stdin.resume().on('end', () => {
  clearInterval(load);
  void agent.close({ timeoutMs: 30_000 }).then(() => writeSync(1, `${number}\n`));
});
