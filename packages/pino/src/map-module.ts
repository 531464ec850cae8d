// Loads the module that a `map` option names, since a function cannot cross into a worker.

import module from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FlumeError } from 'flume-thrift-client';
import type { RecordMap } from 'flume-thrift-client/loggers';

/**
 * @param name an absolute path, a file URL, or a package as seen from the working directory; ESM or CommonJS
 * @throws FlumeError `ERR_FLUME_OPTION` where it cannot be loaded or its default export is no function
 */
export function loadMap(name: string): RecordMap {
  // require() loads ES modules as well, and at once. Called by its full name, since webpack warns of a createRequire() that it
  // cannot follow.
  const require = module.createRequire(path.join(process.cwd(), 'map'));
  let loaded: unknown;
  try {
    loaded = require(name.startsWith('file:') ? fileURLToPath(name) : name);
  } catch (error) {
    const [reason] = String(error instanceof Error ? error.message : error).split('\n');
    throw new FlumeError('ERR_FLUME_OPTION', `map: cannot load ${JSON.stringify(name)}: ${reason}`, { cause: error });
  }
  // A transpiled module may wrap its default export, and the interop of another loader wrap it again.
  for (let depth = 0; depth < 2 && typeof loaded === 'object' && loaded !== null && 'default' in loaded; depth++) {
    loaded = loaded.default;
  }
  if (typeof loaded === 'function') return loaded as RecordMap;
  throw new FlumeError(
    'ERR_FLUME_OPTION',
    `map: expected the default export of ${JSON.stringify(name)} to be a function`,
  );
}
