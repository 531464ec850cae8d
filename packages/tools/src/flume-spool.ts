#!/usr/bin/env node
// The command for the folder of a file channel: look at it, check it, get events out of it.

import {
  type CommandOutline,
  configFlag,
  type GivenFlags,
  optionFlags,
  optionsNote,
  readOptions,
  resendFlags,
  resolveDelivery,
  runCommand,
  UsageError,
} from 'flume-thrift-client/commands';
import { exportSpool } from './spool-export.ts';
import { listSpool } from './spool-list.ts';
import { purgeSpool } from './spool-purge.ts';
import { replayDelivery, replaySpool } from './spool-replay.ts';
import { verifySpool } from './spool-verify.ts';

const name = 'flume-spool';
const defaultGiveUpMs = 60_000;

const outline: CommandOutline = {
  name,
  packageName: 'flume-tools',
  takesArguments: true,
  intro: `Usage: flume-spool <list | verify | export | replay | purge> <folder> [flags]

Looks after the folder of a file channel. Writers that live are not disturbed.

  flume-spool list /var/spool/checkout
                               whose folders there are, and how much waits in them
  flume-spool list /var/spool/checkout --segments
                               file by file
  flume-spool verify /var/spool/checkout
                               reads everything, says where it is damaged
  flume-spool export /var/spool/checkout | jq .body
                               the events that wait, as lines of JSON; they go on waiting
  flume-spool replay /var/spool/checkout --agent flume-1:4141
                               delivers what dead writers left, until it is acknowledged
  flume-spool purge /var/spool/checkout
                               deletes what dead writers left, and what was set aside`,
  groups: [
    {
      title: 'The command',
      flags: [
        { name: 'segments', help: 'list: file by file' },
        { name: 'json', help: 'list, verify: one JSON object, for programs' },
        { name: 'yes', short: 'y', help: 'purge: does not ask' },
        {
          name: 'give-up-ms',
          value: 'ms',
          help: `replay: ends when nothing was delivered for so long (default ${defaultGiveUpMs})`,
        },
        configFlag,
      ],
    },
    ...optionFlags(resendFlags).map(({ title, flags }) => ({ title: `${title}, for replay`, flags })),
  ],
  closing: `${optionsNote}

It ends with 0; with 1 if there is damage, or not everything was delivered; with 2 for wrong usage.
Ctrl-C ends a replay in order (130), a second one at once. Progress is shown where stderr is a terminal.`,
};

const tasks: Readonly<Record<string, (dir: string, given: GivenFlags) => Promise<number>>> = {
  list: (dir, given) => listSpool(dir, { segments: given.on('segments') === true, json: given.on('json') === true }),
  verify: (dir, given) => verifySpool(dir, given.on('json') === true),
  export: (dir) => exportSpool(name, dir),
  replay: (dir, given) => {
    const delivery = readOptions(resendFlags, given, (options) => {
      const completed = replayDelivery(dir, options);
      resolveDelivery(completed);
      return completed;
    });
    return replaySpool(name, dir, { delivery, giveUpMs: given.integer('give-up-ms', 1) ?? defaultGiveUpMs });
  },
  purge: (dir, given) => purgeSpool(name, dir, given.on('yes') === true),
};

void runCommand(outline, async (given) => {
  const [task = '', dir, ...more] = given.rest;
  const run = tasks[task];
  if (run === undefined || !Object.hasOwn(tasks, task)) {
    throw new UsageError(`expected ${Object.keys(tasks).join(', ')}, got '${task}'`);
  }
  if (dir === undefined || more.length > 0) throw new UsageError(`${task}: expected one folder`);
  return await run(dir, given);
});
