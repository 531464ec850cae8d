// Puts so many events into a file channel at full speed while its agent is away, then delivers all that is in the folder.
// Writes what it has done and how much memory that took, twice a second; ends when nothing is queued.
import { writeSync } from 'node:fs';
import { EmbeddedAgent } from 'flume-thrift-client';

const [dir, port, events] = process.argv.slice(2);
const total = Number(events);
const burst = 1_000;
const text = 'x'.repeat(180);
const agent = new EmbeddedAgent({
  port: Number(port),
  channel: { type: 'file', dir, maxBytes: 16 * 1024 ** 3 },
  // The bound of how long after its return an agent is noticed.
  retry: { maxDelayMs: 2_000 },
});
const warnings = [];
agent.on('warning', ({ code, message }) => warnings.push(`${code} ${message}`));

let number = 0;
let rss = 0;
const report = (isDone) => {
  rss = Math.max(rss, process.memoryUsage.rss());
  const { recovered, delivered, dropped, queued } = agent.stats();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  const figures = { put: number, recovered, delivered, lost, queued: queued.events, rss, isDone };
  writeSync(1, `${JSON.stringify({ ...figures, warnings: warnings.splice(0) })}\n`);
};
const put = () => {
  for (const end = Math.min(total, number + burst); number < end; number++) {
    agent.put({ headers: { id: `${number}`, app: 'checkout' }, body: text });
  }
  if (number < total) setImmediate(put);
  else report(false);
};
put();
const timer = setInterval(() => {
  const { recovered, queued } = agent.stats();
  report(false);
  // A restarted one has the backlog to find first.
  if (number < total || queued.events > 0 || number + recovered === 0) return;
  clearInterval(timer);
  void agent.close().then(() => report(true));
}, 500);
