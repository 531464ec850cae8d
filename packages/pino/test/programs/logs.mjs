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
  targetLevel,
} = JSON.parse(process.argv[2]);
const pino = createRequire(import.meta.url)(name);

const target = { target: 'pino-flume', options, ...(targetLevel === undefined ? {} : { level: targetLevel }) };
const here = (file) => new URL(file, import.meta.url).href;
const other = { target: 'pino/file', options: { destination: '/dev/null' } };
const destinations = {
  worker: () => pino.transport(target),
  targets: () => pino.transport({ targets: [target, other] }),
  'one of targets': () => pino.transport({ targets: [target] }),
  pipeline: () => pino.transport({ pipeline: [{ target: here('pass.mjs') }, target] }),
  wrapper: () => pino.transport({ ...target, target: here('wrapper.mjs') }),
  late: () =>
    pino.transport({ targets: [{ target: here('config-taker.cjs') }, { ...target, target: here('late.mjs') }] }),
  'in process': () => pinoFlume(options),
};
const destination = destinations[way]();
// Without a pino of its own the transport is never used.
const logger = end === 'unused' ? undefined : pino(settings, destination);
destination.on('flume:warning', (warning) => console.log(JSON.stringify(warning)));

for (let n = 0; n < count; n++) logger.info({ n }, text);

if (end === 'exit') process.exit(0);
if (end === 'throw') throw new Error('thrown on purpose');
if (end === 'exit after flush') logger.flush(() => process.exit(0));
if (end === 'stay until warned') {
  const timer = setInterval(() => {}, 1_000);
  await once(destination, 'flume:warning');
  clearInterval(timer);
}
