// An agent of the soak, in a process of its own that may be killed at any moment: it writes the number of every event that
// it stores into a file, before the answer goes out. Its parent tells it how to misbehave.
//
//   node --import tsx test/delivery/soak-agent.ts <port> <file>

import { openSync, writeSync } from 'node:fs';
import { type StepName, startDevAgent } from '../../packages/dev-agent/src/index.ts';

/** What the parent sends. */
export type SoakOrder =
  | { readonly order: 'drop connections' }
  | { readonly order: 'misbehave'; readonly step: StepName; readonly ms: number };

const [port, file] = process.argv.slice(2);
const numbers = openSync(file as string, 'a');
const four = Buffer.alloc(4);
let step: StepName | undefined;
let until = 0;

const source = await startDevAgent({
  port: Number(port),
  keepEvents: 100,
  // A file outlives the process that wrote it, unlike what is on its way through a pipe.
  onEvent: ({ body }) => {
    four.writeUInt32LE(Number.parseInt(body.toString('latin1', 0, 12), 10));
    writeSync(numbers, four);
  },
  script: () => (performance.now() < until ? step : undefined),
});

process.on('message', (message: SoakOrder) => {
  if (message.order === 'drop connections') {
    source.dropConnections();
  } else {
    step = message.step;
    until = performance.now() + message.ms;
  }
});
process.on('disconnect', () => process.exit());
process.send?.(source.port);
