// Logs records through one pino in one way and ends in one way, all given by its argument.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import pinoFlume from 'pino-flume';

const {
  pino: name,
  way,
  count,
  end,
  options,
  settings = {},
  text = 'hello',
  level = 'info',
  targetLevel,
  dedupe,
  worker,
} = JSON.parse(process.argv[2]);
const pino = createRequire(import.meta.url)(name);

const target = {
  target: 'pino-flume',
  options,
  ...(targetLevel === undefined ? {} : { level: targetLevel }),
  ...(worker === undefined ? {} : { worker }),
};
const here = (file) => new URL(file, import.meta.url).href;
const other = { target: 'pino/file', options: { destination: '/dev/null' } };
const pass = { target: here('pass.mjs') };
const multistream = (stream) => pino.multistream([{ stream, level: 'trace' }], { levels: settings.customLevels });
// As a README makes a logger: pino makes the transport, and adds options of its own to it.
const transports = {
  'as a README': target,
  'as a README, one of targets': { targets: [target] },
  'as a README, targets': { targets: [target, other] },
  'as a README, pipeline': { pipeline: [pass, target] },
};
const destinations = {
  worker: () => pino.transport(target),
  targets: () => pino.transport({ targets: [target, other] }),
  'one of targets': () => pino.transport({ targets: [target] }),
  pipeline: () => pino.transport({ pipeline: [pass, target] }),
  wrapper: () => pino.transport({ ...target, target: here('wrapper.mjs') }),
  late: () =>
    pino.transport({ targets: [{ target: here('config-taker.cjs') }, { ...target, target: here('late.mjs') }] }),
  'in process': () => pinoFlume(options),
  multistream: () => pinoFlume(options),
};
const transport = transports[way] && { ...transports[way], ...(dedupe === undefined ? {} : { dedupe }) };
const destination = transport === undefined ? destinations[way]() : undefined;
// Without a pino of its own the transport is never used.
const logger =
  end === 'unused'
    ? undefined
    : transport === undefined
      ? pino(settings, way === 'multistream' ? multistream(destination) : destination)
      : pino({ ...settings, transport });
destination?.on('flume:warning', (warning) => console.log(JSON.stringify(warning)));
if (end === 'tell error') {
  destination.on('error', ({ name, code, message }) => console.log(JSON.stringify({ name, code, message })));
}
if (end === 'tell stats') {
  destination.on('flume:stats', (stats) => {
    console.log(JSON.stringify(stats));
    if (stats.delivered === count) process.exit(0);
  });
  setInterval(() => {}, 1_000);
}

for (let n = 0; n < count; n++) logger[level]({ n }, text);

if (end === 'exit') process.exit(0);
if (end === 'throw') throw new Error('thrown on purpose');
if (end === 'exit after flush') logger.flush(() => process.exit(0));
if (end === 'stay until warned') {
  const timer = setInterval(() => {}, 1_000);
  await once(destination, 'flume:warning');
  clearInterval(timer);
}
