// What somebody types who comes from another transport.
import { flumeTransport } from './logger.mjs';

for (const options of [{ labels: {} }, { lvel: 'info' }, { level: 3 }, { format: () => {} }]) {
  try {
    flumeTransport(options);
  } catch (error) {
    process.stderr.write(`${error.code} ${error.message}\n`);
  }
}
