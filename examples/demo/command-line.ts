// The command line's words: its options, its help, and what is wrong with a call.

import { parseArgs } from 'node:util';

export type Command = { readonly kind: 'help' } | { readonly kind: 'run'; readonly agent: AgentAddress | undefined };

export interface AgentAddress {
  readonly host: string;
  readonly port: number;
  /** As the transports take it. */
  readonly name: string;
}

export const help = `Usage: npm run demo [-- options]

Starts a Fastify application (pino-flume) and an Express application (winston-flume), sends a few hundred requests
through both, stops them, and compares what they logged with what arrived.

  npm run demo                                with a development agent; nothing needs to be installed
  npm run demo -- --agent flume-1:4141        with the Thrift source of a Flume agent of yours

  --agent <host:port>   where the events go; an IPv6 address in brackets: [::1]:4141
  --help

Exit status: 0 all is well; 1 records are missing, or something failed; 2 wrong usage.`;

/** @throws Error with one line for the user */
export function parseCommandLine(args: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...args],
    options: { agent: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) return { kind: 'help' };
  return { kind: 'run', agent: values.agent === undefined ? undefined : agentAddress(values.agent) };
}

/** address := (host | "[" IPv6 address "]") ":" port */
function agentAddress(text: string): AgentAddress {
  const [, bracketed, plain, digits] = /^(?:\[([^[\]]+)\]|([^:[\]\s/]+)):(\d+)$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port, name: text };
  throw new Error(`--agent: expected host:port, such as flume-1:4141, got '${text}'`);
}
