// The command line's words: its options, its help, and what is wrong with a call.

import { parseArgs } from 'node:util';

export type Command =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run';
      /** undefined: a development agent. */
      readonly agent: AgentAddress | undefined;
      /** With the development agent's page. */
      readonly ui: boolean;
    };

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
  npm run demo -- --ui                        and its page, which stays until Ctrl-C
  npm run demo -- --agent flume-1:4141        with the Thrift source of a Flume agent of yours

  --ui                  the development agent's page, in the browser
  --agent <host:port>   where the events go; an IPv6 address in brackets: [::1]:4141
  --help

Exit status: 0 all is well; 1 records are missing, or something failed; 2 wrong usage.`;

/** @throws Error with one line for the user */
export function parseCommandLine(args: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...args],
    options: { agent: { type: 'string' }, ui: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) return { kind: 'help' };
  const { agent, ui = false } = values;
  if (ui && agent !== undefined) throw new Error('--ui: expected no --agent beside it, which is no development agent');
  return { kind: 'run', agent: agent === undefined ? undefined : agentAddress(agent), ui };
}

/** address := (host | "[" IPv6 address "]") ":" port */
function agentAddress(text: string): AgentAddress {
  const [, bracketed, plain, digits] = /^(?:\[([^[\]]+)\]|([^:[\]\s/]+)):(\d+)$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port, name: text };
  throw new Error(`--agent: expected host:port, such as flume-1:4141, got '${text}'`);
}
