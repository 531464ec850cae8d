// One process of the real slice: an EmbeddedAgent of the built package that puts so many events a second, and notes when it
// dialled, and when which agent answered. Talks to its parent: { ready }, then, asked to 'end', { notes }.
import { subscribe } from 'node:diagnostics_channel';
import { EmbeddedAgent } from 'flume-thrift-client';

const { index, eventsPerSecond, options } = JSON.parse(process.argv[2] ?? '{}');
// Of the machine, so that the notes of all processes and the parent's can be compared.
const now = () => performance.timeOrigin + performance.now();
const notes = { puts: [], dials: [], delivered: [], failed: [] };
subscribe('net.client.socket', () => notes.dials.push(now()));
subscribe('flume:batch:delivered', ({ agent, events }) => notes.delivered.push({ at: now(), agent, events }));
subscribe('flume:batch:failed', ({ agent, events, error }) => {
  notes.failed.push({ at: now(), agent, events, code: error.code });
});

const agent = new EmbeddedAgent(options);
// Two hundred processes that each say that an agent is away would be all that is seen.
agent.on('warning', () => {});
await agent.ready({ timeoutMs: 30_000 });

let put = 0;
const filler = 'x'.repeat(200);
const body = () => `${index} ${put} ${filler}`.slice(0, 200);
const headers = { host: 'web-1.example.org', level: 'info', app: 'checkout' };
const everyMs = 1_000 / eventsPerSecond;
let timer;
// Else all processes that were started together would put at the same moments.
setTimeout(() => {
  timer = setInterval(() => {
    agent.put({ headers: { ...headers, timestamp: String(Date.now()) }, body: body() });
    notes.puts.push(now());
    put += 1;
  }, everyMs);
}, everyMs * Math.random());

process.on('message', (message) => {
  if (message === 'end') void end();
});
process.send({ ready: true });

async function end() {
  clearInterval(timer);
  const report = await agent.close({ timeoutMs: 60_000 });
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const memory = { rss, heapUsed, cpuMs: (user + system) / 1_000 };
  process.send({ notes: { ...notes, report, retried: agent.stats().retried, memory } }, () => process.disconnect());
}
