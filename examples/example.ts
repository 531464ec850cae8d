// npm run example -- <name>: starts a development agent and the application, sends it a few requests, shows what arrives.

import { startDevAgent } from 'flume-dev-agent';
import { Application, applications } from './application.ts';

const [name] = process.argv.slice(2);
if (name === undefined || !applications.includes(name)) {
  console.error(`example: which one? npm run example -- ${applications.join(' | ')}`);
  process.exit(2);
}

await using agent = await startDevAgent({ port: 0 });
agent.on('event', ({ headers, body }) => {
  const text = Object.entries(headers).map(([key, value]) => `${key}=${value}`);
  console.log(`\n${text.join(' ')}\n  ${body.toString()}`);
});

const application = new Application(name, agent);
if (application.isServer) {
  await application.request('/orders/17');
  await application.request('/orders/18');
}
process.exitCode = await application.end();
console.log(`\nexample: ${agent.received} events; ${name} ended with ${process.exitCode}`);
