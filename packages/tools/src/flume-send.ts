#!/usr/bin/env node
// The command that sends files: each line an event, and the exit status says whether an agent acknowledged all of them.

import { type DeliveryOptions, EmbeddedAgent } from 'flume-thrift-client';
import {
  type CommandOutline,
  configFlag,
  type GivenFlags,
  note,
  optionFlags,
  optionsNote,
  readOptions,
  resolveDelivery,
  runCommand,
  sendFlags,
  UsageError,
} from 'flume-thrift-client/commands';
import { type PresetName, resolveLogger } from 'flume-thrift-client/loggers';
import { readHeaderFile } from './header-file.ts';
import { inspectInputs } from './input-inspection.ts';
import { InputLine, type InputName, inputNames } from './input-line.ts';
import { LineSender } from './line-sender.ts';
import { Progress } from './progress.ts';
import { findInputs, type SendInput } from './send-inputs.ts';
import { SendSummary } from './send-summary.ts';

const name = 'flume-send';
const defaultGiveUpMs = 30_000;
const watchMs = 250;

const outline: CommandOutline = {
  name,
  packageName: 'flume-tools',
  intro: `Usage: flume-send [flags] [file, folder or pattern]...

Sends every line of files, or of its input, as an event to a Flume agent's Thrift source, and waits
until all of them are acknowledged: what flume-ng avro-client does, over Thrift.

  flume-send --agent flume-1:4141 access.log
  flume-send -H flume-1 -p 4141 --header app=shop --header-file headers.properties logs/
                               all files of a folder, each line with these headers
  tail -F app.log | flume-send --agent flume-1:4141 --agent flume-2:4141
                               the second takes over while the first fails
  flume-send --header app=shop --file-name-header file 'logs/*.log'
                               timestamp and host as an HDFS sink wants them, and where a line is from
  flume-send --input simplejson --agent flume-1:4141 dead-letters.json
                               dead letters, and what flume-spool has exported, as they were
  flume-send --inspect access.log | head -1
                               shows what would be sent`,
  groups: [
    {
      title: 'The command',
      flags: [
        { name: 'filename', short: 'F', value: 'file', repeated: true, help: 'the same as a file without a flag' },
        { name: 'dirname', value: 'folder', repeated: true, help: 'the same as a folder without a flag' },
        { name: 'header-file', short: 'R', value: 'file', help: 'Java properties: name=value or name: value lines' },
        { name: 'file-name-header', value: 'name', help: "adds a header with the file's name" },
        {
          name: 'give-up-ms',
          value: 'ms',
          help: `ends when nothing is acknowledged for so long (default ${defaultGiveUpMs})`,
        },
        {
          name: 'input',
          value: 'name',
          help: 'lines: each is a body (default); simplejson: each is an event, as a dead letter is',
        },
        { name: 'inspect', help: 'prints the events as lines of JSON and sends nothing' },
        { name: 'quiet', short: 'q', help: 'says nothing when all went well' },
        configFlag,
      ],
    },
    ...optionFlags(sendFlags),
  ],
  closing: `${optionsNote}

A line ends with LF or CRLF; empty lines are left out. Files are never changed: sending one again
sends it twice. It ends with 0 when every line was acknowledged, else with 1, telling how far each file
got; with 2 for wrong usage. Ctrl-C reads no further and drains; a second one ends at once.`,
  takesArguments: true,
};

void runCommand(outline, async (given) => {
  const giveUpMs = given.integer('give-up-ms', 1) ?? defaultGiveUpMs;
  const input = inputOf(given);
  const { preset, ...options } = deliveryOf(given);
  const inputs = findInputs([...given.texts('filename'), ...given.texts('dirname'), ...given.rest]);
  // An event that comes back is sent as it was.
  const line = new InputLine(input, preset ?? (input === 'lines' ? 'flume' : 'none'), () =>
    note(name, 'a timestamp that is no time in milliseconds is sent as the time of arrival'),
  );
  const headers = { ...line.fixedHeaders, ...options.headers };
  const fileHeader = given.text('file-name-header');
  if (given.on('inspect') === true) return await inspectInputs(name, inputs, line, { headers, fileHeader });
  const manner = { giveUpMs, fileHeader, quiet: given.on('quiet') === true };
  return await send(inputs, line, { ...options, headers }, manner);
});

function inputOf(given: GivenFlags): InputName {
  const input = given.text('input') ?? 'lines';
  const found = inputNames.find((known) => known === input);
  if (found === undefined) throw new UsageError(`--input: expected ${inputNames.join(' or ')}, got '${input}'`);
  return found;
}

function deliveryOf(given: GivenFlags): DeliveryOptions & { preset?: PresetName } {
  const headerFile = given.text('header-file');
  const fileHeaders = headerFile === undefined ? {} : readHeaderFile(headerFile);
  return readOptions(sendFlags, given, ({ preset, ...options }) => {
    if (options.channel !== undefined) {
      throw new UsageError('channel: expected none; what is not sent yet is still in its file');
    }
    const delivery = options as DeliveryOptions;
    resolveDelivery(delivery);
    const headers = { ...fileHeaders, ...delivery.headers };
    resolveLogger({ headers, ...(preset === undefined ? {} : { preset }) }, 'module');
    return { ...delivery, headers, ...(preset === undefined ? {} : { preset: preset as PresetName }) };
  });
}

interface Manner {
  readonly giveUpMs: number;
  readonly fileHeader: string | undefined;
  readonly quiet: boolean;
}

/** @returns the exit status */
async function send(
  inputs: readonly SendInput[],
  line: InputLine,
  options: DeliveryOptions,
  manner: Manner,
): Promise<number> {
  const agent = new EmbeddedAgent(options);
  const sender = new LineSender(agent, inputs, line, manner.fileHeader);
  const summary = new SendSummary(agent, sender);
  const knowsEnd = inputs.every(({ bytes }) => bytes > 0);
  const totalBytes = inputs.reduce((sum, { bytes }) => sum + bytes, 0);
  const progress = new Progress(name, () => ({
    done: summary.soFar,
    part: knowsEnd ? sender.bytesRead / totalBytes : undefined,
  }));
  const say = (line: string): void => {
    progress.clear();
    note(name, line);
  };
  agent.on('warning', (error) => say(error.message));
  const watch = watchStanding(agent, manner.giveUpMs, () => {
    say(`nothing was acknowledged for ${manner.giveUpMs} ms (--give-up-ms)`);
    sender.stop();
    void agent.close({ timeoutMs: 0 });
  });
  let signalled: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signalled !== undefined) {
      for (const line of summary.lines) say(line);
      process.exit(exitStatus[signal]);
    }
    signalled = signal;
    sender.stop();
    setTimeout(() => void agent.close({ timeoutMs: 0 }), resolveDelivery(options).closeTimeoutMs).unref();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const fromTerminal = process.stdin.isTTY === true && inputs.some(({ file }) => file === undefined);
  if (fromTerminal) say('reads lines from the terminal; Ctrl-D ends them');

  await sender.run();
  clearInterval(watch);
  await agent.close();
  progress.end();
  process.off('SIGINT', onSignal);
  process.off('SIGTERM', onSignal);
  if (!summary.isWhole || !manner.quiet) for (const line of summary.lines) say(line);
  if (signalled !== undefined) return exitStatus[signalled] ?? 1;
  return summary.isWhole ? 0 : 1;
}

const exitStatus: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 130, SIGTERM: 143 };

/** Calls back when events wait and none has left for so long. */
function watchStanding(agent: EmbeddedAgent, longestMs: number, standing: () => void): NodeJS.Timeout {
  let left = 0;
  let sinceMs = performance.now();
  const watch = setInterval(
    () => {
      const { delivered, dropped, queued } = agent.stats();
      const leftNow = delivered + Object.values(dropped).reduce((sum, count) => sum + count, 0);
      if (leftNow !== left || queued.events === 0) {
        left = leftNow;
        sinceMs = performance.now();
      } else if (performance.now() - sinceMs >= longestMs) {
        clearInterval(watch);
        standing();
      }
    },
    Math.min(watchMs, longestMs),
  );
  return watch;
}
