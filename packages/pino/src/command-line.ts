// The command line's words: its options, its help, and what is wrong with a call.

import { parseArgs } from 'node:util';
import { type ResolvedOptions, resolveOptions } from './options.ts';

export type Command =
  | { readonly kind: 'help' | 'version' }
  | {
      readonly kind: 'run';
      readonly options: ResolvedOptions;
      /** pino's option of the same name, which the command cannot ask pino for. */
      readonly messageKey: string;
      /** Copies its input to its output. */
      readonly tee: boolean;
      /** Drops records when the channel is full, in place of making the writer wait. */
      readonly drop: boolean;
    };

export const help = `Usage: node app.js | pino-flume [options]

Sends every line of its input to a Flume agent's Thrift source.

  node app.js | pino-flume --agent flume-1:4141
  node app.js | pino-flume --agent flume-1:4141 --agent flume-2:4141
                               the second takes over while the first fails
  node app.js | pino-flume --header app=checkout --header-field requestId=req.id
                               headers: one fixed, one from each record
  node app.js | pino-flume --tee | pino-pretty
                               to Flume and to the screen
  node app.js | pino-flume --map ./to-event.mjs
                               a module that exports (record) => ({ headers, body }) or null

Where to
  --agent <host:port>          127.0.0.1:4141; again for each further agent
  --socket <path>              a Unix domain socket instead
  --protocol <name>            compact or binary, as the agent's source has it; compact

What is sent
  --header <name=value>        a header of every event
  --header-field <name=path>   a header from a field of the record
  --preset <name>              flume (timestamp, host, level, logger), log4j, log4j2 or none; flume
  --body <what>                line, message, or a path in the record; line
  --message-key <key>          where the message is; msg
  --map <module>               makes the event of a record
  --event-id                   adds a header id, a UUID, to tell duplicates by

How
  --batch-size <n>             most events in a call; 100
  --linger <ms>                how long a batch may wait to become full; 1000
  --capacity <n>               most records that wait; 100000
  --drop                       drop records when that many wait; else the writer waits
  --close-timeout <ms>         how long to go on at the end of the input; 5000
  --tee                        copy the input to the output

  --help, --version

It ends with 1 if records were lost. Ctrl-C is left to the application; a second one ends at once.`;

/** @throws Error with one line for the user */
export function parseCommandLine(args: readonly string[]): Command {
  const { values } = parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false });
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  if (values.agent !== undefined && values.socket !== undefined)
    throw new Error('--socket: expected no --agent beside it');
  const options = {
    agents: values.agent,
    path: values.socket,
    protocol: values.protocol,
    headers: pairs('--header', values.header),
    headerFields: pairs('--header-field', values['header-field']),
    preset: values.preset,
    body: values.body,
    map: values.map,
    eventId: values['event-id'],
    batchSize: count('--batch-size', values['batch-size'], 1),
    lingerMs: count('--linger', values.linger, 0),
    closeTimeoutMs: count('--close-timeout', values['close-timeout'], 0),
    channel: { capacity: count('--capacity', values.capacity, 1) },
  };
  return {
    kind: 'run',
    options: resolveOptions(options, 'command line'),
    messageKey: values['message-key'] ?? 'msg',
    tee: values.tee === true,
    drop: values.drop === true,
  };
}

const flags = {
  agent: { type: 'string', multiple: true },
  socket: { type: 'string' },
  protocol: { type: 'string' },
  header: { type: 'string', multiple: true },
  'header-field': { type: 'string', multiple: true },
  preset: { type: 'string' },
  body: { type: 'string' },
  'message-key': { type: 'string' },
  map: { type: 'string' },
  'event-id': { type: 'boolean' },
  'batch-size': { type: 'string' },
  linger: { type: 'string' },
  capacity: { type: 'string' },
  'close-timeout': { type: 'string' },
  drop: { type: 'boolean' },
  tee: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

function pairs(flag: string, texts: readonly string[] | undefined): Record<string, string> | undefined {
  if (texts === undefined) return undefined;
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new Error(`${flag}: expected name=value, got '${text}'`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function count(flag: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`${flag}: expected an integer >= ${least}, got '${text}'`);
}
