// One address of an agent, examined: what speaks there, whether it takes an empty batch with the options that are given, and
// what is wrong where it does not. What is said to it, in this order, hurts no source: a plain one answers the first or the
// second, and what comes after that would look to an old one like a frame of many megabytes.

import { FlumeClient, type FlumeClientOptions, FlumeError } from 'flume-thrift-client';
import { escaped } from 'flume-thrift-client/commands';
import { certificateText } from './certificate.ts';
import { exchange, type Heard, type Patience, type Target } from './exchange.ts';
import type { Finding } from './finding.ts';
import { avroQuestion, emptyBatch, type Language, languageOf, saslQuestion } from './speech.ts';

/** The options of the client, but for where it goes. */
export type ClientOptions = Omit<FlumeClientOptions, 'host' | 'port' | 'path'>;

export interface Place {
  /** As it was named. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
}

export interface Examination extends Place {
  readonly connectMs: number | undefined;
  /** `compact, framed, TLS`; undefined where nothing was understood. */
  readonly speaks: string | undefined;
  readonly certificate?: string | undefined;
  /** Of empty batches on one connection, in milliseconds; none where it took none. */
  readonly pingMs: readonly number[];
  readonly findings: readonly Finding[];
}

const pings = 3;

export async function examine(place: Place, options: ClientOptions, patience: Patience): Promise<Examination> {
  const { connectTimeoutMs: _connect, timeoutMs: _timeout, ...given } = options;
  const tried = await tryOptions(place, options);
  const heard = await exchange({ address: place.address, port: place.port }, undefined, patience);
  const base = { ...place, connectMs: heard.end === 'unreachable' ? undefined : heard.connectMs };
  if (tried.pingMs.length > 0) {
    const { protocol = 'compact', framed = true, tls, kerberos } = given;
    const speaks = words(protocol, framed, tls !== undefined && tls !== false, Boolean(kerberos));
    return { ...base, speaks, pingMs: tried.pingMs, findings: [] };
  }
  if (heard.end === 'unreachable')
    return { ...base, speaks: undefined, pingMs: [], findings: [unreachable(place, heard)] };
  const identity = await identify(place, heard, patience);
  const findings = judge(identity, options, tried.error);
  return { ...base, speaks: identity.speaks, certificate: identity.certificate, pingMs: [], findings };
}

function words(protocol: string, framed: boolean, tls: boolean, kerberos: boolean): string {
  // SASL's frames take the place of others.
  return [protocol, framed ? 'framed' : 'unframed', ...(tls ? ['TLS'] : []), ...(kerberos ? ['Kerberos'] : [])].join(
    ', ',
  );
}

interface Tried {
  readonly pingMs: readonly number[];
  readonly error?: FlumeError;
}

async function tryOptions({ host, address, port }: Place, options: ClientOptions): Promise<Tried> {
  const client = new FlumeClient(named(options, host, { host: address, port }));
  const pingMs: number[] = [];
  try {
    await client.connect();
    for (let n = 0; n < pings; n += 1) {
      const began = performance.now();
      await client.ping();
      pingMs.push(performance.now() - began);
    }
    return { pingMs };
  } catch (error) {
    if (!(error instanceof FlumeError)) throw error;
    return { pingMs, error };
  } finally {
    await client.close();
  }
}

/** Options for an address that keep the name where TLS and Kerberos want it. */
export function named(
  { tls, kerberos, ...rest }: ClientOptions,
  host: string,
  where: { host: string; port: number },
): FlumeClientOptions {
  const isName = where.host !== host;
  const names = <Options extends object>(value: boolean | Options | undefined, key: string) => {
    if (value === undefined || value === false || !isName) return value;
    return { [key]: host, ...(value === true ? {} : value) };
  };
  return {
    ...rest,
    ...where,
    tls: names(tls, 'servername') ?? false,
    kerberos: names(kerberos, 'host'),
  };
}

interface Identity {
  readonly language: Language | undefined;
  readonly tls: boolean;
  readonly speaks: string | undefined;
  readonly certificate?: string | undefined;
  /** The bytes that came where nothing was understood. */
  readonly last: Heard;
}

async function identify(place: Place, first: Heard, patience: Patience): Promise<Identity> {
  const plain: Target = { address: place.address, port: place.port };
  const spoken = languageOf(first.bytes);
  if (spoken !== undefined || first.unasked) {
    const speaks = spoken === undefined ? undefined : speechText(spoken, false);
    return { language: spoken, tls: false, speaks, last: first };
  }
  const open = await listen(plain, patience);
  if (open.language !== undefined && open.language.tag !== 'tls') return open;
  // Whoever waits in silence has no TLS: it would have found no record of TLS in what was said.
  if (open.last.end === 'silent' && open.language === undefined) return open;
  const secret: Target = { ...plain, tlsName: place.host };
  const hello = await exchange(secret, undefined, patience);
  if (hello.end === 'unreachable' || hello.certificate === undefined) return open;
  const inside = await listen(secret, patience);
  return { ...inside, tls: true, certificate: certificateText(hello.certificate), speaks: inside.speaks ?? 'TLS' };
}

/** Says one thing after the other until something is understood. */
async function listen(target: Target, patience: Patience): Promise<Identity> {
  const tls = target.tlsName !== undefined;
  const questions: readonly Buffer[] = [
    emptyBatch('compact', true),
    emptyBatch('binary', true),
    avroQuestion,
    emptyBatch('compact', false),
    emptyBatch('binary', false),
    emptyBatch('json', true),
    saslQuestion,
  ];
  let last: Heard | undefined;
  for (const question of questions) {
    last = await exchange(target, question, patience);
    const language = languageOf(last.bytes);
    if (language !== undefined) return { language, tls, speaks: speechText(language, tls), last };
    // It waits for more, as no source does that understands one of the first: the others would only make it wait longer.
    if (last.end === 'silent' && question === avroQuestion) break;
  }
  return { language: undefined, tls, speaks: undefined, last: last as Heard };
}

function speechText(language: Language, tls: boolean): string {
  const more = tls ? ', TLS' : '';
  if (language.tag === 'thrift') return words(language.protocol, language.framed, tls, false);
  if (language.tag === 'sasl') return `Kerberos (SASL)${more}`;
  if (language.tag === 'other') return `"${escaped(language.text)}"${more}`;
  return `${{ tls: 'TLS', http: 'HTTP', avro: 'Avro' }[language.tag]}${language.tag === 'tls' ? '' : more}`;
}

function judge(identity: Identity, options: ClientOptions, error: FlumeError | undefined): Finding[] {
  const { language, tls } = identity;
  const said = error === undefined ? '' : withoutPlace(error.message);
  const givenTls = options.tls !== undefined && options.tls !== false;
  const findings: Finding[] = [];
  if (tls && !givenTls) {
    findings.push({ what: 'it speaks TLS', set: "tls: { ca: '/path/of/its/authority.pem' }" });
  } else if (!tls && givenTls && language !== undefined) {
    findings.push({ what: 'it speaks no TLS', set: 'no tls, or in the agent: a1.sources.r1.ssl = true' });
  }
  if (language?.tag === 'sasl') {
    if (options.kerberos) findings.push({ what: said });
    else findings.push({ what: 'it has kerberos = true', set: 'kerberos: true' });
  } else if (language?.tag === 'thrift') {
    const { protocol = 'compact', framed = true } = options;
    if (options.kerberos) findings.push({ what: 'it has no Kerberos', set: 'no kerberos' });
    if (language.protocol !== protocol) {
      findings.push({ what: `it speaks ${language.protocol}`, set: `protocol: '${language.protocol}'` });
    }
    if (language.framed !== framed) {
      const what = language.framed ? 'it has frames' : 'it has no frames, and is no Flume source';
      findings.push({ what, set: `framed: ${language.framed}` });
    }
    // It is what it was taken for, and refuses all the same: a certificate, say, or another service.
    if (findings.length === 0 && said !== '') findings.push({ what: said });
  } else if (language?.tag === 'http') {
    findings.push({ what: "it speaks HTTP: the port of an agent's metrics or of an HTTP source, or of a web server" });
  } else if (language?.tag === 'avro') {
    const set = 'a source in the agent: a1.sources.r2.type = thrift, on a port of its own';
    findings.push({ what: 'it is an Avro source; what is sent here is Thrift', set });
  } else if (language?.tag === 'other') {
    findings.push({ what: `it is no Flume source: it says "${escaped(language.text)}"` });
  } else {
    findings.push(mute(identity));
  }
  if (tls && givenTls && findings.length === 0) findings.push({ what: said });
  return findings;
}

/** Causes that cannot be told from outside: in order of likelihood, each with what decides. */
function mute({ last, tls }: Identity): Finding {
  if (last.unasked) {
    return {
      what: 'it closes a connection at once, before a word is said',
      causes: [
        'a proxy without a live agent behind it: look at the backend in its statistics, and run flume-doctor at the agent itself',
        "a proxy with send-proxy, whose header a source cannot read: the agent's log says `Frame size (1347571544) larger than`",
        'a source with ssl or kerberos that has no thread left: threads is the most connections that it serves; jstack shows them',
      ],
    };
  }
  if (last.end === 'closed') {
    return {
      what: `it closes ${tls ? 'TLS ' : ''}connections without an answer, whatever is said`,
      causes: [
        'an agent that is out of memory: its log says `OutOfMemoryError`; bin/flume-ng starts it with 20 MB',
        'a proxy whose agent is away: run flume-doctor at the agent itself',
        'a source of another type, syslog or netcat say: a1.sources.r1.type must be thrift',
      ],
    };
  }
  return {
    what: 'it takes what is said, and answers nothing',
    causes: [
      'an agent that stands still, or is out of memory: jstack, and `OutOfMemoryError` in its log',
      'a source of another type, netcat or syslog say: a1.sources.r1.type must be thrift',
      'a proxy that waits for an agent which does not answer: run flume-doctor at the agent itself',
    ],
  };
}

function unreachable({ host, port }: Place, { error }: Heard): Finding {
  const name = `${host}:${port}`;
  switch (error?.code) {
    case 'ECONNREFUSED':
      return {
        what: 'nobody listens there',
        causes: [
          'the agent is not running, or its source has not started: its log says `Started Thrift source` when it has',
          'another port: a1.sources.r1.port',
          'a source that is bound to another address, loopback say: a1.sources.r1.bind',
        ],
      };
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return { what: `there is no way to ${name} (${error.code})`, causes: ['routes and firewalls of this machine'] };
    default:
      return {
        what: `no connection to ${name}${error === undefined ? ' in time' : `: ${escaped(error.message)}`}`,
        causes: [
          'a firewall that drops packets, or a security group without this port',
          'a machine that is down',
          'an agent whose queue of connections is full, since it accepts none any more: jstack of its JVM',
        ],
      };
  }
}

/** `Flume agent 10.0.0.1:4141: cannot connect: x` says x here. */
function withoutPlace(message: string): string {
  return message.replace(/^Flume agent \S+: (?:cannot connect: )?/, '');
}
