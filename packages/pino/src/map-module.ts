// Loads the module that a `map` option names, since a function cannot cross into a worker.

import module from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FlumeError } from 'flume-thrift-client';
import type { RecordMap } from 'flume-thrift-client/loggers';

/**
 * @param name an absolute path, a file URL, or a path or package as seen from the working directory; ESM or CommonJS
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
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
    throw new FlumeError(
      'ERR_FLUME_OPTION',
      `map: cannot load ${JSON.stringify(name)}: ${reason}${hint(name, error)}`,
      {
        cause: error,
      },
    );
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

/** The name that is wanted instead, where the name is the mistake. */
function hint(name: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_REQUIRE_ASYNC_MODULE') return '; a map has no top-level await, since the logger does not wait';
  if (/\.[cm]?ts$/.test(name) && error instanceof SyntaxError) {
    return "; TypeScript wants Node.js 22.18 or later, or tsx in the worker too: worker: { execArgv: ['--import', 'tsx'] }";
  }
  const isMissing = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
  if (!isMissing || path.isAbsolute(name) || name.startsWith('file:')) return '';
  const file = JSON.stringify(name.startsWith('.') ? name : `./${name}`).replaceAll('"', "'");
  return (
    ` from the working directory ${process.cwd()}; expected an absolute path, a package, ` +
    `or a file beside the application: new URL(${file}, import.meta.url).href`
  );
}
