// The command line's words: its options, its help, and what is wrong with a call.
import { parseArgs } from 'node:util';
import { closest, distance } from 'fastest-levenshtein';
import type { HeaderCondition } from './header-filter.ts';
import { compileTemplate } from './line-template.ts';
import type { DevAgentOptions } from './options.ts';
import { type OutputFormat, outputFormats } from './printer.ts';
import type { ScriptStep } from './script.ts';
import type { StepName } from './step.ts';
import { stepNames } from './step.ts';

export type Command =
  | { readonly tag: 'help' }
  | { readonly tag: 'version' }
  | {
      readonly tag: 'run';
      readonly agent: DevAgentOptions;
      /** The PEM files for TLS. */
      readonly tlsFiles: TlsFiles | undefined;
      readonly output: OutputFormat;
      /** undefined: as the terminal is. */
      readonly colours: boolean | undefined;
      /** undefined: as printed by default. */
      readonly template: string | undefined;
      /** Bodies that are JSON on several lines. */
      readonly wrap: boolean;
      /** Opens the page in a browser. */
      readonly open: boolean;
      /** Which events are shown. */
      readonly filters: readonly HeaderCondition[];
      /** Ends after so many events that are shown. */
      readonly count: number;
      /** How often counts and rates are told, 0 never; undefined: as the terminal is. */
      readonly statsMs: number | undefined;
    };

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export const help = `Usage: flume-dev-agent [options]

A Flume Thrift source that prints every event that arrives. It is for development and tests;
in production run a real Flume agent (https://flume.apache.org).

  flume-dev-agent                          listen on 127.0.0.1:4141 and print
  flume-dev-agent --ui 8141 --open         and show what arrives in the browser
  flume-dev-agent --ui 8141 --conf a1.conf and where it would go in the agent of that configuration
  flume-dev-agent --output json | jq .     one JSON object per event
  flume-dev-agent --filter level=error --filter level=fatal --filter app=checkout
                                           only what is wrong with the checkout
  flume-dev-agent --output none --stats-ms 1000
                                           how much arrives, every second
  flume-dev-agent --count 10               end after ten events
  flume-dev-agent --transaction-capacity 100
                                           refuse larger batches, as a memory channel does by default
  flume-dev-agent --script 'failed*3,delay:2000,reset'
                                           three refusals, a slow answer, a lost connection; then normal

Where it listens
  --port <n>                  4141; 0 takes a free port
  --host <name>               127.0.0.1; 0.0.0.0 for every interface
  --path <file>               a Unix socket instead
  --protocol <name>           compact (as Flume), binary or json
  --framed, --unframed        with frames, as a Flume source always is, or without
  --tls-cert <file>           TLS with this certificate, PEM
  --tls-key <file>            and its private key, PEM

The page
  --ui <port>                 a page and its control API at this port, 0 at a free one
  --ui-host <name>            127.0.0.1; whoever reaches it reads the events
  --open                      opens it in the browser
  --conf <file>               shows where each event would go in the Flume agent of this configuration
  --name <agent>              which agent in it, where it has several

How it answers
  --transaction-capacity <n>  most events in one call, above it FAILED; no limit
  --capacity <n>              most events held, above it FAILED after 3 s; no limit
  --latency-ms <ms>           how long each call takes; 0
  --script <steps>            one step per call, then as Flume does; a step is
                              delay:<ms>, or one of these, repeated with *<n>:
${columns(stepNames, 4)}

What it prints
  --output <format>           pretty, json, simplejson (as Thrift's TSimpleJSONProtocol) or none;
                              events go to stdout, all else to stderr
  --format <template>         lines of pretty: '#{number} {time} {level} {headers} {body}', and also {date},
                              {header.NAME}
  --wrap                      bodies that are JSON on several lines, stacks with theirs
  --filter <name=value>       only events with that header, or with --filter name any; again:
                              one of the values of a name, and that for each name
  --color, --no-color         else on a terminal, unless NO_COLOR is set
  --stats-ms <ms>             counts and rates every so often; 5000 on a terminal, else 0: never
  --count <n>                 end after n events were printed

  --help, --version`;

/** Throws an Error with one line for the user. */
export function parseCommandLine(args: readonly string[]): Command {
  const { values } = readFlags(args);
  if (values.help === true) return { tag: 'help' };
  if (values.version === true) return { tag: 'version' };
  const output = values.output ?? 'pretty';
  if (!isOutputFormat(output)) throw new Error(`--output: expected pretty, json, simplejson or none, got '${output}'`);
  const protocol = values.protocol;
  if (protocol !== undefined && protocol !== 'compact' && protocol !== 'binary' && protocol !== 'json') {
    throw new Error(`--protocol: expected compact, binary or json, got '${protocol}'`);
  }
  if (values.path !== undefined && (values.host !== undefined || values.port !== undefined)) {
    throw new Error('--path: expected no --host and no --port beside it');
  }
  const ui = integer('--ui', values.ui, 0, 65_535);
  if (ui === undefined) {
    const stray = (['ui-host', 'open', 'conf', 'name'] as const).find((name) => values[name] !== undefined);
    if (stray !== undefined) throw new Error(`--${stray}: expected --ui beside it`);
  }
  if (values.name !== undefined && values.conf === undefined) throw new Error('--name: expected --conf beside it');
  if (values.framed === true && values.unframed === true) throw new Error('--framed: expected no --unframed beside it');
  return {
    tag: 'run',
    tlsFiles: tlsFiles(values['tls-cert'], values['tls-key']),
    output,
    colours: values.color,
    template: template(values.format, output),
    wrap: values.wrap === true,
    open: values.open === true,
    filters: (values.filter ?? []).map(parseFilter),
    count: integer('--count', values.count, 1) ?? Infinity,
    statsMs: integer('--stats-ms', values['stats-ms'], 0),
    agent: {
      host: values.host,
      port: integer('--port', values.port, 0, 65_535),
      path: values.path,
      protocol,
      framed: values.unframed !== true,
      transactionCapacity: integer('--transaction-capacity', values['transaction-capacity'], 1),
      capacity: integer('--capacity', values.capacity, 1),
      latencyMs: integer('--latency-ms', values['latency-ms'], 0),
      script: values.script === undefined ? [] : values.script.split(',').map(parseStep),
      // Without the page nobody looks at an event twice.
      ...(ui === undefined ? { keepEvents: 0 } : { ui, uiHost: values['ui-host'] }),
      conf: values.conf,
      confAgent: values.name,
    },
  };
}

const flags = {
  port: { type: 'string' },
  host: { type: 'string' },
  path: { type: 'string' },
  protocol: { type: 'string' },
  framed: { type: 'boolean' },
  unframed: { type: 'boolean' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  ui: { type: 'string' },
  'ui-host': { type: 'string' },
  open: { type: 'boolean' },
  conf: { type: 'string' },
  name: { type: 'string' },
  'transaction-capacity': { type: 'string' },
  capacity: { type: 'string' },
  'latency-ms': { type: 'string' },
  script: { type: 'string' },
  output: { type: 'string' },
  format: { type: 'string' },
  wrap: { type: 'boolean' },
  filter: { type: 'string', multiple: true },
  color: { type: 'boolean' },
  'stats-ms': { type: 'string' },
  count: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false, allowNegative: true });
  } catch (error) {
    // Node's own messages go on with a second sentence on how to pass such a thing.
    const [sentence = ''] = (error as Error).message.split(/\.? ?\n|\. /);
    throw new Error(sentence + suggestion(sentence));
  }
}

/** The nearest flag, where a message is about one that nobody knows. */
function suggestion(message: string): string {
  const [, given = ''] = /^Unknown option '--?(?:no-)?([^']*)'/.exec(message) ?? [];
  const nearest = closest(given, Object.keys(flags));
  const near = given.length > 1 && distance(given, nearest) <= Math.max(2, given.length / 3);
  return near ? `, did you mean --${nearest}?` : '';
}

function template(text: string | undefined, output: OutputFormat): string | undefined {
  if (text === undefined) return undefined;
  if (output !== 'pretty') throw new Error(`--format: expected --output pretty beside it, got ${output}`);
  try {
    compileTemplate(text, { colours: false, wrap: false });
  } catch (error) {
    throw new Error(`--format: ${(error as Error).message}`, { cause: error });
  }
  return text;
}

/** filter := name ["=" value] */
function parseFilter(text: string): HeaderCondition {
  const [, name = '', value] = /^([^=]*)(?:=([^]*))?$/.exec(text) ?? [];
  if (name === '') throw new Error(`--filter: expected name=value or name, got '${text}'`);
  return { name, value };
}

function isOutputFormat(text: string): text is OutputFormat {
  return (outputFormats as readonly string[]).includes(text);
}

function tlsFiles(cert: string | undefined, key: string | undefined): TlsFiles | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert !== undefined) throw new Error('--tls-cert: expected --tls-key beside it');
  if (key !== undefined) throw new Error('--tls-key: expected --tls-cert beside it');
  return undefined;
}

/** step := (name | "delay:" ms) ["*" times] */
function parseStep(text: string): ScriptStep {
  const [, name = '', ms, times] = /^\s*([a-z-]+)(?::(\d+))?(?:\*(\d+))?\s*$/.exec(text) ?? [];
  const repeat = Number(times ?? 1);
  if (name === 'delay' && ms !== undefined && repeat > 0) return { repeat, step: { delayMs: Number(ms) } };
  if (isStepName(name) && ms === undefined && repeat > 0) return { repeat, step: name };
  throw new Error(`--script: no such step '${text}'; try delay:500, ${stepNames.join(', ')}`);
}

function isStepName(name: string): name is StepName {
  return (stepNames as readonly string[]).includes(name);
}

function integer(flag: string, text: string | undefined, least: number, most = 2 ** 31 - 1): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${flag}: expected an integer from ${least} to ${most}, got '${text}'`);
}

function columns(names: readonly string[], perLine: number): string {
  const lines: string[] = [];
  for (let first = 0; first < names.length; first += perLine) {
    lines.push(`                              ${names.slice(first, first + perLine).join(', ')}`);
  }
  return lines.join(',\n');
}
