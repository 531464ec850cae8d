#!/usr/bin/env node
// The command that says why an agent is silent: Flume itself only closes the connection.

import { readFileSync } from 'node:fs';
import { FlumeClient, type FlumeClientOptions } from 'flume-thrift-client';
import {
  type CommandOutline,
  escaped,
  type GivenFlags,
  note,
  type OptionGroup,
  optionFlags,
  readOptions,
  runCommand,
  sendFlags,
  UsageError,
} from 'flume-thrift-client/commands';
import { judgeConfiguration } from './doctor/configuration-check.ts';
import { configurationLines } from './doctor/configuration-report.ts';
import { type ClientOptions, examine } from './doctor/examination.ts';
import type { Finding } from './doctor/finding.ts';
import { readMetrics } from './doctor/metrics.ts';
import { addressesOf, placeOf } from './doctor/place.ts';
import { probe } from './doctor/probe.ts';
import { generalLines, type PlaceReport, reportLines } from './doctor/report.ts';
import { watch } from './doctor/watch.ts';

const name = 'flume-doctor';

/** How a client reaches an agent; where it is comes as an argument. */
const wireOptions = ['protocol', 'framed', 'connectTimeoutMs'];
const clientFlags: readonly OptionGroup[] = sendFlags
  .map(({ title, options }) => ({
    title: title === 'The agents' ? 'The options to try' : title,
    options: options.filter(({ option }) => wireOptions.includes(option) || /^(?:tls|kerberos)\b/.test(option)),
  }))
  .filter(({ options }) => options.length > 0);

const outline: CommandOutline = {
  name,
  packageName: 'flume-tools',
  intro: `Usage: flume-doctor [flags] host:port...
       flume-doctor --conf flume.conf [flags]

Says what listens at an address, whether it takes events, and which options to set; and what is
wrong in an agent's configuration. It stores nothing, unless --probe is given.

  flume-doctor flume-1:4141    what speaks there, at each address of the name
  flume-doctor --tls-ca ca.pem flume-1:4141
                               whether these options are right
  flume-doctor --probe --metrics http://flume-1:34545/metrics flume-1:4141
                               whether its channel has room, too
  flume-doctor --watch flume-1:4141
                               how fast it answers, every second, until Ctrl-C
  flume-doctor --conf flume.conf --durable
                               the traps in an agent's configuration, each with the line to write`,
  groups: [
    {
      title: 'The command',
      flags: [
        { name: 'metrics', value: 'url', help: "reads the agent's metrics: http://flume-1:34545/metrics" },
        { name: 'probe', help: 'stores one event, marked by the header flume-doctor' },
        { name: 'watch', help: 'sends an empty batch again and again, and prints how long it took' },
        { name: 'interval-ms', value: 'ms', help: 'of --watch (default 1000)' },
        { name: 'count', value: 'n', help: 'of --watch: ends after so many' },
        { name: 'json', help: 'prints JSON' },
      ],
    },
    {
      title: 'The configuration',
      flags: [
        { name: 'conf', value: 'file', help: "an agent's configuration" },
        { name: 'name', short: 'n', value: 'agent', help: 'the agent, where the file configures several' },
        { name: 'durable', help: 'a restart of the agent must lose nothing' },
        { name: 'heap', value: 'size', help: "the agent's -Xmx, such as 512m" },
      ],
    },
    ...optionFlags(clientFlags),
  ],
  closing: `It ends with 0 when all is well, with 1 when something is to be done, with 2 for wrong usage.`,
  takesArguments: true,
};

void runCommand(outline, async (given) => {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const conf = given.text('conf');
  if (conf !== undefined) return checkConfiguration(conf, given, print);
  for (const flag of ['name', 'durable', 'heap']) {
    if (given.has(flag)) throw new UsageError(`--${flag}: expected --conf beside it`);
  }
  if (given.rest.length === 0) throw new UsageError('expected host:port, or --conf');
  const places = given.rest.map(placeOf);
  const options = clientOptions(given);
  if (given.on('watch') === true) {
    const [place] = places;
    if (place === undefined || places.length > 1) throw new UsageError('--watch: expected one host:port');
    return await watchPlace(place, options, given, print);
  }
  return await visit(places, options, given, print);
});

function clientOptions(given: GivenFlags): ClientOptions {
  const options = readOptions(clientFlags, given, (read) => {
    // Checks them all.
    new FlumeClient(read as FlumeClientOptions);
    return read as ClientOptions;
  });
  // An empty batch asks no channel.
  return { ...options, timeoutMs: 5_000 };
}

async function visit(
  places: readonly { readonly host: string; readonly port: number }[],
  options: ClientOptions,
  given: GivenFlags,
  print: (line: string) => void,
): Promise<number> {
  const patience = { connectMs: options.connectTimeoutMs ?? 5_000, answerMs: 1_500, listenMs: 200 };
  const reports: PlaceReport[] = [];
  const general: Finding[] = [];
  const facts: string[] = [];
  const json = given.on('json') === true;
  for (const { host, port } of places) {
    let addresses: readonly string[];
    try {
      addresses = await addressesOf(host);
    } catch (error) {
      const what = `${escaped(host)}: the name is unknown here (${(error as NodeJS.ErrnoException).code})`;
      const finding = { what, causes: ['a name of another network: in a container it is another place than your own'] };
      general.push(finding);
      if (!json) for (const line of generalLines([], [finding])) print(line);
      continue;
    }
    for (const address of addresses) {
      const place = { host, address, port };
      const examination = await examine(place, options, patience);
      const probed =
        given.on('probe') === true && examination.pingMs.length > 0 ? await probe(place, options) : { findings: [] };
      const report = {
        ...examination,
        facts: probed.fact === undefined ? [] : [probed.fact],
        findings: [...examination.findings, ...probed.findings],
      };
      reports.push(report);
      if (!json) for (const line of reportLines(report)) print(line);
    }
  }
  const url = given.text('metrics');
  if (url !== undefined) {
    const metrics = await readMetrics(url, patience.connectMs);
    facts.push(...metrics.facts);
    general.push(...metrics.findings);
    if (!json)
      for (const line of [`metrics ${escaped(url)}`, ...generalLines(metrics.facts, metrics.findings)]) print(line);
  }
  if (json) print(JSON.stringify({ addresses: reports, facts, findings: general }));
  return general.length + reports.flatMap(({ findings }) => findings).length === 0 ? 0 : 1;
}

async function watchPlace(
  { host, port }: { readonly host: string; readonly port: number },
  options: ClientOptions,
  given: GivenFlags,
  print: (line: string) => void,
): Promise<number> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  const well = await watch(`${host}:${port}`, host, port, options, {
    intervalMs: given.integer('interval-ms', 10) ?? 1_000,
    count: given.integer('count', 1) ?? Number.POSITIVE_INFINITY,
    signal: ended.signal,
    print,
    json: given.on('json') === true,
  });
  process.off('SIGINT', end);
  process.off('SIGTERM', end);
  return well ? 0 : 1;
}

function checkConfiguration(file: string, given: GivenFlags, print: (line: string) => void): number {
  if (given.rest.length > 0) throw new UsageError('--conf: expected no host:port beside it');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    note(name, `--conf: cannot read ${escaped(file)}: ${(error as NodeJS.ErrnoException).code}`);
    return 2;
  }
  const check = judgeConfiguration(text, {
    agent: given.text('name'),
    durable: given.on('durable') === true,
    heap: given.text('heap'),
  });
  if (given.on('json') === true) print(JSON.stringify(check));
  else for (const line of configurationLines(file, check)) print(line);
  return check.findings.length === 0 ? 0 : 1;
}
