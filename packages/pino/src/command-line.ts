// The command line's words: its flags, its help, and what they make of a call.

import {
  type CommandOutline,
  configFlag,
  type GivenFlags,
  loggerFlags,
  optionFlags,
  optionsNote,
  readOptions,
} from 'flume-thrift-client/commands';
import { type ResolvedOptions, resolveOptions } from './options.ts';

export interface Command {
  readonly options: ResolvedOptions;
  /** pino's option of the same name, which the command cannot ask pino for. */
  readonly messageKey: string;
  /** Copies its input to its output. */
  readonly tee: boolean;
  /** Drops records when the channel is full, in place of making the writer wait. */
  readonly drop: boolean;
}

export const outline: CommandOutline = {
  name: 'pino-flume',
  packageName: 'pino-flume',
  intro: `Usage: node app.js | pino-flume [flags]

Sends every line of its input to a Flume agent's Thrift source.

  node app.js | pino-flume --agent flume-1:4141
  node app.js | pino-flume --agent flume-1:4141 --agent flume-2:4141
                               the second takes over while the first fails
  node app.js | pino-flume --header app=checkout --header-field requestId=req.id
                               headers: one fixed, one from each record
  node app.js | pino-flume --tee | pino-pretty
                               to Flume and to the screen
  node app.js | pino-flume --channel-dir /var/spool/checkout
                               what Flume has not got yet outlives the command
  FLUME_AGENTS=flume-1:4141 node app.js | pino-flume --config flume.json
                               the same options in the environment and in a file`,
  groups: [
    {
      title: 'The command',
      flags: [
        configFlag,
        { name: 'tee', help: 'copies the input to the output' },
        { name: 'drop', help: 'drops records when the channel is full; else the writer waits' },
        { name: 'message-key', value: 'key', help: 'where the message is (default msg)' },
      ],
    },
    ...optionFlags(loggerFlags),
  ],
  closing: `${optionsNote}

It ends with 0; with 1 if records were lost; with 2 for wrong usage. The first Ctrl-C is left to the
application, a second one ends at once.`,
};

/** @throws UsageError naming what is wrong as it was spelt */
export function commandOf(given: GivenFlags, environment?: NodeJS.ProcessEnv): Command {
  return {
    options: readOptions(loggerFlags, given, (options) => resolveOptions(options, 'command line'), environment),
    messageKey: given.text('message-key') ?? 'msg',
    tee: given.on('tee') === true,
    drop: given.on('drop') === true,
  };
}
