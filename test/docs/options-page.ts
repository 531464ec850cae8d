// Writes docs/options.md from the source: `npm run docs:options`. With --check, says whether the page is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type OptionGroup, optionGroup } from './option-model.ts';
import { root } from './page.ts';

const core = 'packages/core/src';
const options = `${core}/options`;

interface Section {
  readonly title: string;
  readonly intro: string;
  readonly groups: readonly OptionGroup[];
}

/** What stands before each option's name. */
export const prefixes: Readonly<Record<string, string>> = {
  RetryOptions: 'retry.',
  MemoryChannelOptions: 'channel.',
  FileChannelOptions: 'channel.',
  StoreContextOptions: 'context.',
  ContextOptions: 'context.',
  ContextFields: 'context.',
  SpillableChannelOptions: 'channel.',
  TlsOptions: 'tls.',
  KerberosOptions: 'kerberos.',
};

export function sections(): Section[] {
  return [
    {
      title: 'Delivery',
      intro: 'Of winston-flume, pino-flume and `EmbeddedAgent`: where the agents are, and how events get there.',
      groups: [optionGroup('DeliveryOptions', `${options}/delivery-options.ts`)],
    },
    {
      title: 'Retry',
      intro: 'Exponential backoff with full jitter, and when to give up: `retry: { … }`.',
      groups: [optionGroup('RetryOptions', `${options}/delivery-options.ts`)],
    },
    {
      title: 'The memory channel',
      intro: "`channel: { type: 'memory', … }`: what waits is lost with the process.",
      groups: [optionGroup('MemoryChannelOptions', `${options}/channel-options.ts`)],
    },
    {
      title: 'The file channel',
      intro: "`channel: { type: 'file', dir, … }`: what waits is on disk, and outlives the process.",
      groups: [optionGroup('FileChannelOptions', `${options}/channel-options.ts`)],
    },
    {
      title: 'The spillable channel',
      intro:
        "`channel: { type: 'spillable', dir, … }`: in memory while all is well, else on disk. It takes every option of the " +
        'memory channel and of the file channel.',
      groups: [optionGroup('SpillableChannelOptions', `${options}/channel-options.ts`)],
    },
    {
      title: 'TLS',
      intro: '`tls: true`, or `tls: { … }`. Certificates and keys are PEM text, the path of a file, or bytes.',
      groups: [optionGroup('TlsOptions', `${core}/endpoint.ts`)],
    },
    {
      title: 'Kerberos',
      intro:
        '`kerberos: true`, or `kerberos: { … }`. Needs the npm package kerberos; see [security](security.md#kerberos).',
      groups: [optionGroup('KerberosOptions', `${core}/endpoint.ts`)],
    },
    {
      title: 'Records',
      intro: 'Of winston-flume and pino-flume: how a record becomes an event.',
      groups: [optionGroup('RecordOptions', `${options}/record-options.ts`)],
    },
    {
      title: 'Context',
      intro: '`context: { … }` of winston-flume and pino-flume: headers from what is known where a record is logged.',
      groups: ['StoreContextOptions', 'ContextOptions', 'ContextFields'].map((name) =>
        optionGroup(name, 'packages/core/src/event/context.ts'),
      ),
    },
    {
      title: 'winston-flume',
      intro: "The rest of `new FlumeTransport({ … })`: winston's own, and what needs the application's thread.",
      groups: [optionGroup('FlumeTransportOptions', 'packages/winston/src/options.ts')],
    },
    {
      title: 'pino-flume',
      intro: 'Of pino-flume, in a worker and in process: how a line of pino is read.',
      groups: [optionGroup('PinoTransportOptions', 'packages/pino/src/options.ts')],
    },
    {
      title: 'pino-flume in a worker',
      intro: 'The rest of `pino.transport({ … })`. All options are plain data: they are cloned into the worker.',
      groups: [optionGroup('PinoFlumeOptions', 'packages/pino/src/options.ts')],
    },
    {
      title: 'pino-flume in process',
      intro: 'The rest of `pinoFlume({ … })`.',
      groups: [optionGroup('PinoFlumeInProcessOptions', 'packages/pino/src/options.ts')],
    },
    {
      title: 'FlumeClient',
      intro: 'Direct calls to one agent: `new FlumeClient({ … })`.',
      groups: [optionGroup('FlumeClientOptions', `${options}/client-options.ts`)],
    },
    {
      title: 'installShutdown',
      intro: 'The second argument of `installShutdown(close, { … })`.',
      groups: [optionGroup('ShutdownSignalOptions', `${core}/process/shutdown-signals.ts`)],
    },
    {
      title: 'shutdown of winston-flume',
      intro: 'The second argument of `shutdown(logger, { … })`.',
      groups: [optionGroup('ShutdownOptions', 'packages/winston/src/shutdown.ts')],
    },
    {
      title: 'The development agent',
      intro: '`startDevAgent({ … })` of flume-dev-agent.',
      groups: [optionGroup('DevAgentOptions', 'packages/dev-agent/src/options.ts')],
    },
  ];
}

const head = `# Options

Written by \`npm run docs:options\` from the source: names, types and meanings from the documented interfaces, defaults from
what the options are resolved to.

A wrong option throws at construction and says which, what was expected and what came:
\`channel.capacity: expected an integer >= 1, got 0\`. So does one that does not exist, with the nearest name. Nothing else
ever throws. Times are in milliseconds, sizes in bytes. \`undefined\` is the default.
`;

function page(): string {
  const parts = sections().map(({ title, intro, groups }) => `## ${title}\n\n${intro}\n\n${table(groups)}`);
  return [head, ...parts].join('\n');
}

function table(groups: readonly OptionGroup[]): string {
  const lines = groups.flatMap(({ name, rows }) =>
    rows.map((row) =>
      [
        `\`${prefixes[name] ?? ''}${row.name}\``,
        `\`${row.type.replaceAll('|', '\\|')}\``,
        row.default === undefined || row.default === 'none' ? '–' : shown(row.default),
        row.meaning.replaceAll('|', '\\|'),
      ].join(' | '),
    ),
  );
  return ['option | type | default | meaning', '--- | --- | --- | ---', ...lines]
    .map((line) => `| ${line} |\n`)
    .join('');
}

/** A value in code, a size with its unit beside it, words as words. */
function shown(value: string): string {
  const mebibytes = Number(value) / 1024 / 1024;
  if (mebibytes >= 1 && Number.isInteger(mebibytes)) {
    return `\`${value}\` (${mebibytes % 1024 === 0 ? `${mebibytes / 1024} GiB` : `${mebibytes} MiB`})`;
  }
  return /^(['{[]|-?\d+$|true$|false$|Infinity$)/.test(value) ? `\`${value}\`` : value;
}

if (process.argv[1] === import.meta.filename) {
  const file = path.join(root, 'docs/options.md');
  if (!process.argv.includes('--check')) writeFileSync(file, page());
  else if (readFileSync(file, 'utf8') !== page()) {
    process.stderr.write('docs/options.md is stale, run "npm run docs:options"\n');
    process.exitCode = 1;
  }
}
