// The command line's words: its options, its help, and what is wrong with a call.
import { parseArgs } from 'node:util';
import type { DevAgentOptions } from './options.ts';
import { type OutputFormat, outputFormats } from './printer.ts';
import type { ScriptStep } from './script.ts';
import type { StepName } from './step.ts';
import { stepNames } from './step.ts';

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'run';
      readonly agent: DevAgentOptions;
      /** The PEM files for TLS. */
      readonly tlsFiles: TlsFiles | undefined;
      readonly output: OutputFormat;
      /** Ends after so many events. */
      readonly count: number;
    };

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export const help = `Usage: flume-dev-agent [options]

A Flume Thrift source that prints every event that arrives. It is for development and tests;
in production run a real Flume agent (https://flume.apache.org).

  flume-dev-agent                          listen on 127.0.0.1:4141 and print
  flume-dev-agent --output json | jq .     one JSON object per event
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

How it answers
  --transaction-capacity <n>  most events in one call, above it FAILED; no limit
  --capacity <n>              most events held, above it FAILED after 3 s; no limit
  --latency <ms>              how long each call takes; 0
  --script <steps>            one step per call, then as Flume does; a step is
                              delay:<ms>, or one of these, repeated with *<n>:
${columns(stepNames, 4)}

What it prints
  --output <format>           pretty, json, simplejson (as Thrift's TSimpleJSONProtocol) or none;
                              events go to stdout, all else to stderr
  --count <n>                 end after n events

  --help, --version`;

/** Throws an Error with one line for the user. */
export function parseCommandLine(args: readonly string[]): Command {
  const { values } = parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false });
  if (values.help === true) return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  const output = values.output ?? 'pretty';
  if (!isOutputFormat(output)) throw new Error(`--output: expected pretty, json, simplejson or none, got '${output}'`);
  const protocol = values.protocol;
  if (protocol !== undefined && protocol !== 'compact' && protocol !== 'binary' && protocol !== 'json') {
    throw new Error(`--protocol: expected compact, binary or json, got '${protocol}'`);
  }
  if (values.path !== undefined && (values.host !== undefined || values.port !== undefined)) {
    throw new Error('--path: expected no --host and no --port beside it');
  }
  if (values.framed === true && values.unframed === true) throw new Error('--framed: expected no --unframed beside it');
  return {
    kind: 'run',
    tlsFiles: tlsFiles(values['tls-cert'], values['tls-key']),
    output,
    count: integer('--count', values.count, 1) ?? Infinity,
    agent: {
      host: values.host,
      port: integer('--port', values.port, 0, 65_535),
      path: values.path,
      protocol,
      framed: values.unframed !== true,
      transactionCapacity: integer('--transaction-capacity', values['transaction-capacity'], 1),
      capacity: integer('--capacity', values.capacity, 1),
      latencyMs: integer('--latency', values.latency, 0),
      script: values.script === undefined ? [] : values.script.split(',').map(parseStep),
      // The command line looks at no event twice.
      keepEvents: 0,
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
  'transaction-capacity': { type: 'string' },
  capacity: { type: 'string' },
  latency: { type: 'string' },
  script: { type: 'string' },
  output: { type: 'string' },
  count: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

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
