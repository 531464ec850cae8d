// `npm run fleet`: one fleet through one scene, and what came of it as a table, or as one line of JSON.

import { parseArgs } from 'node:util';
import { Fleet, type FleetOptions } from './fleet.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { type SceneName, scenes } from './scenes.ts';

const processors = ['load_balance', 'failover'] as const;
const selectors = ['round_robin', 'random', 'hash'] as const;
const securities = ['plain', 'tls', 'kerberos'] as const;

const help = `npm run fleet -- [flags]

  --clients N      processes that log (1000)
  --agents N       Flume agents (8)
  --scenario NAME  what happens to them (steady); --list says which there are
  --processor P    ${processors.join(', ')} (load_balance)
  --selector S     ${selectors.join(', ')} (the option's default)
  --security S     ${securities.join(', ')} (plain)
  --threads N      of each agent: for batches, with TLS or Kerberos for connections (as measured)
  --rate N         events a second of each client (1)
  --seconds N      virtual seconds of load, at least; some scenarios take longer (120)
  --down-ms N      how long an agent that restarts is away (as measured)
  --keep-alive-ms N  how long a full channel waits before FAILED (as measured)
  --seed N         another seed, another run; the same seed, the same run (1)
  --json           the outcome as one line of JSON, the last
  --list           the scenarios
  --help           this
`;

class UsageError extends Error {}

async function main(args: readonly string[]): Promise<number> {
  const flags = read(args);
  if (flags.help) return print(help);
  if (flags.list) {
    return print(
      Object.entries(scenes)
        .map(([name, { about }]) => `${name.padEnd(12)} ${about}\n`)
        .join(''),
    );
  }
  const options: FleetOptions = {
    clients: wholeNumber('clients', flags.clients, 1),
    agents: wholeNumber('agents', flags.agents, 1),
    scenario: oneOf('scenario', flags.scenario, Object.keys(scenes) as SceneName[]),
    processor: oneOf('processor', flags.processor, processors),
    ...(flags.selector === undefined ? {} : { selector: oneOf('selector', flags.selector, selectors) }),
    security: oneOf('security', flags.security, securities),
    ...(flags.threads === undefined ? {} : { threads: wholeNumber('threads', flags.threads, 1) }),
    rate: positive('rate', flags.rate),
    seconds: wholeNumber('seconds', flags.seconds, 1),
    seed: wholeNumber('seed', flags.seed, 0),
    agent: {
      ...(flags['down-ms'] === undefined ? {} : { restartMs: wholeNumber('down-ms', flags['down-ms'], 1) }),
      ...(flags['keep-alive-ms'] === undefined
        ? {}
        : { keepAliveMs: wholeNumber('keep-alive-ms', flags['keep-alive-ms'], 0) }),
    },
  };
  // Errors are made for each connection that is refused, and nobody reads where.
  Error.stackTraceLimit = 0;
  const startedAt = performance.now();
  const before = process.memoryUsage.rss();
  const fleet = new Fleet(options);
  const endedAt = await fleet.run();
  const held = process.memoryUsage.rss() - before;
  const outcome = {
    ...outcomeOf(fleet, endedAt),
    memoryPerClientKiB: Math.round(held / 1024 / options.clients),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    wallMs: Math.round(performance.now() - startedAt),
  };
  // The embedded agents would deliver and speak at the end of a process that is not theirs.
  process.removeAllListeners('exit').removeAllListeners('beforeExit');
  return print(flags.json ? `${JSON.stringify(outcome)}\n` : table(outcome));
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        clients: { type: 'string', default: '1000' },
        agents: { type: 'string', default: '8' },
        scenario: { type: 'string', default: 'steady' },
        processor: { type: 'string', default: 'load_balance' },
        selector: { type: 'string' },
        security: { type: 'string', default: 'plain' },
        threads: { type: 'string' },
        rate: { type: 'string', default: '1' },
        seconds: { type: 'string', default: '120' },
        'down-ms': { type: 'string' },
        'keep-alive-ms': { type: 'string' },
        seed: { type: 'string', default: '1' },
        json: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < least) {
    throw new UsageError(`--${name}: expected a whole number >= ${least}, got ${text}`);
  }
  return number;
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number <= 0) {
    throw new UsageError(`--${name}: expected a number above 0, got ${text}`);
  }
  return number;
}

function oneOf<Name extends string>(name: string, text: string, names: readonly Name[]): Name {
  const found = names.find((one) => one === text);
  if (found === undefined) throw new UsageError(`--${name}: expected one of ${names.join(', ')}, got ${text}`);
  return found;
}

function table(outcome: Outcome): string {
  return Object.entries(outcome)
    .map(([name, value]) => `${name.padEnd(26)} ${typeof value === 'object' ? JSON.stringify(value) : value}\n`)
    .join('');
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`fleet: ${error.message}\n`);
  return 2;
});
