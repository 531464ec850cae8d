// Puts events into a file channel until it is killed. After each burst it writes the last number that was accepted, in one
// write, so that what the file says was accepted before.
import { readdirSync, writeSync } from 'node:fs';
import { EmbeddedAgent } from 'flume-thrift-client';

const [dir, port, protocol, name] = process.argv.slice(2);
const agent = new EmbeddedAgent({
  port: Number(port),
  protocol,
  channel: { type: 'file', dir, minFreeBytes: 0 },
  retry: { initialDelayMs: 5, maxDelayMs: 50 },
  lingerMs: 20,
});
// What a connection suffers is not to be seen here, but what the disk does is.
agent.on('warning', (error) => {
  if (error.code === 'ERR_FLUME_DISK' || error.code === 'ERR_FLUME_DROPPED' || error.code === 'FLUME_NOTICE') {
    writeSync(2, `${error.code} ${error.message}\n`);
  }
});
let number = 0;
setInterval(() => {
  for (let count = 0; count < 40; count++) {
    const id = `${name}:${number}`;
    if (!agent.put({ headers: { id }, body: `${id} ${'x'.repeat((number * 37) % 500)}` })) {
      writeSync(2, `refused ${id}\n`);
      process.exit(1);
    }
    number += 1;
  }
  // Nobody adopts what is a living one's.
  if (!readdirSync(dir).some((folder) => folder.startsWith('w-') && folder.includes(`-${process.pid}-`))) {
    writeSync(2, 'its folder was adopted\n');
  }
  writeSync(1, `${number}\n`);
}, 4);
