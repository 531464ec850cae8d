// Where events would go in the agent of a configuration file.
import { readFileSync } from 'node:fs';
import { readConfiguration } from '../conf/configuration.ts';
import { routeOf, thriftSource } from '../conf/route.ts';
import type { RouteEvent } from './event-reader.ts';

/** Throws with the option's name where the file cannot be read, or has no Thrift source. */
export function configuredRoute(file: string, agentName: string | undefined): RouteEvent {
  try {
    const { agent, source } = thriftSource(readConfiguration(readFileSync(file, 'utf8')), agentName);
    return ({ headers }, atMs) => routeOf(agent, source, headers, atMs);
  } catch (error) {
    throw new Error(`conf: ${file}: ${(error as Error).message}`, { cause: error });
  }
}
