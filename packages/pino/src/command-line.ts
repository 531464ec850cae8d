// The command line's words: its flags, its help, and what they make of a call.

import {
  type CommandOutline,
  configFlag,
  type GivenFlags,
  loggerFlags,
  type OptionGroup,
  optionFlags,
  optionsNote,
  readOptions,
} from 'flume-thrift-client/commands';
import { type ResolvedOptions, resolveOptions } from './options.ts';

export interface Command {
  readonly options: ResolvedOptions;
  /** Copies its input to its output. */
  readonly tee: boolean;
  /** Drops records when the channel is full, in place of making the writer wait. */
  readonly drop: boolean;
}

// Flags for what a transport of pino's is told by pino.
const lines: OptionGroup = {
  title: 'The lines',
  options: [
    { option: 'levelKey', value: 'key', help: 'where the level is (default level)' },
    { option: 'timeKey', value: 'key', help: 'where the time is (default time)' },
    { option: 'messageKey', value: 'key', help: 'where the message is (default msg)' },
    { option: 'levels', value: 'name=n', help: "a level of the application's own; again for each" },
  ],
};

const flags: readonly OptionGroup[] = [lines, ...loggerFlags];

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
      ],
    },
    ...optionFlags(flags),
  ],
  closing: `${optionsNote}

It ends with 0; with 1 if records were lost; with 2 for wrong usage. The first Ctrl-C is left to the
application, a second one ends at once.`,
};

/** @throws UsageError naming what is wrong as it was spelt */
export function commandOf(given: GivenFlags, environment?: NodeJS.ProcessEnv): Command {
  return {
    options: readOptions(flags, given, (options) => resolveOptions(options, 'command line'), environment),
    tee: given.on('tee') === true,
    drop: given.on('drop') === true,
  };
}
