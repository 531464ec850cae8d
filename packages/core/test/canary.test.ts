// A key, a passphrase and a header's value at every place of the options, right and wrong: no output has them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { deliveryEntries } from '../src/options/delivery-options.ts';
import { recordEntries } from '../src/options/record-options.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const der = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');

/** Each with a part of it that is in no other text. */
const canaries: Readonly<Record<string, readonly [value: string, mark: string]>> = {
  pem: [pem, pem.split('\n')[3] as string],
  'pem in base64': [Buffer.from(pem).toString('base64'), Buffer.from(pem).toString('base64').slice(200, 240)],
  'key in base64': [der, der.slice(100, 140)],
  passphrase: ['Canary-passphrase 7!', 'Canary-pass'],
  'header value': ['Bearer canary.header/value', 'canary.header'],
};

const tlsPlaces = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'servername', 'minVersion', 'rejectUnauthorized', 'other'];
const inner: Readonly<Record<string, readonly string[]>> = {
  tls: tlsPlaces,
  channel: ['type', 'capacity', 'dir', 'fsync', 'other'],
  retry: ['initialDelayMs', 'other'],
  headers: ['authorization'],
  headerFields: ['authorization'],
  context: ['path', 'include', 'required', 'prefix', 'store', 'other'],
};

/** What is shown because it is a name: where files are, where an agent is, what a field is called. */
const names = new Set(['path', 'channel.dir', 'deadLetter', 'headers.authorization', 'headerFields.authorization']);

type Options = Record<string, unknown>;

function at(place: readonly string[], value: unknown): Options {
  const [first = '', ...rest] = place;
  return { [first]: rest.length === 0 ? value : at(rest, value) };
}

function* cases(value: string, isName: (place: string) => boolean): Generator<Options> {
  const values = [value, [value], { value }, [{ buf: value, passphrase: value }], Buffer.from(value)];
  for (const option of [...Object.keys(deliveryEntries), ...Object.keys(recordEntries), 'map', 'other']) {
    for (const place of [[option], ...(inner[option] ?? []).map((key) => [option, key])]) {
      if (isName(place.join('.'))) continue;
      for (const one of values) yield at(place, one);
      if (place[0] === 'channel') yield { channel: { type: 'file', ...(at(place, value).channel as Options) } };
    }
  }
  for (const key of tlsPlaces) {
    for (const one of values) {
      yield { agents: [{ host: 'localhost', port: 1, tls: { [key]: one } }] };
      yield { agents: { port: 1, tls: { [key]: one } } };
      yield { host: { tls: { [key]: one } } };
    }
    yield { port: 1, tls: { [key]: value, cert: value, key: value, passphrase: value } };
    yield { port: 1, tls: { pfx: value, passphrase: value, [key]: value } };
  }
  yield { agents: [value] };
  yield { agents: [{ host: value }] };
  yield { port: 1, headers: { authorization: value }, tls: { passphrase: value, rejectUnauthorized: false } };
}

const program = `
  import { subscribe } from 'node:diagnostics_channel';
  import { inspect } from 'node:util';
  import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from ${JSON.stringify(import.meta.resolve('@opentelemetry/sdk-metrics'))};
  import { EmbeddedAgent, FlumeClient } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
  import { observe } from ${JSON.stringify(new URL('../src/opentelemetry.ts', import.meta.url).href)};
  import { resolveLogger } from ${JSON.stringify(new URL('../src/options/record-options.ts', import.meta.url).href)};
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const revived = (key, value) => (value?.type === 'Buffer' ? Buffer.from(value.data) : value);
  const cases = JSON.parse(Buffer.concat(chunks).toString(), revived);
  const say = (what) => process.stdout.write(inspect(what, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null, getters: true }) + '\\n');
  const attempt = (act) => { try { return act(); } catch (error) { say(error); say(JSON.stringify(error)); return undefined; } };
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  observe({ meter: new MeterProvider({ readers: [reader] }).getMeter('test') });
  for (const name of ['open', 'close', 'batch:failed', 'drop', 'agent:state']) subscribe('flume:' + name, (message) => say({ ...message, source: message.source.stats() }));
  process.on('warning', (warning) => say(warning));
  const waits = [];
  for (const options of cases) {
    attempt(() => resolveLogger(options, 'function'));
    for (const Client of [FlumeClient, EmbeddedAgent]) {
      const object = attempt(() => new Client({ connectTimeoutMs: 1_000, ...options }));
      if (object === undefined) continue;
      say(object);
      if (object instanceof FlumeClient) {
        waits.push(object.connect().catch(say).then(() => object.close()));
        continue;
      }
      object.on('warning', (warning) => { say(warning); say(JSON.stringify(warning)); });
      object.put({ body: 'x' });
      waits.push(object.ready({ timeoutMs: 500 }).catch(say).then(() => { say(object.stats()); return object.close({ timeoutMs: 0 }); }).then(() => say(object)));
    }
  }
  await Promise.all(waits);
  await reader.collect().then(say);
  process.stdout.write('cases: ' + cases.length + '\\n');`;

describe('no output has', () => {
  for (const [name, [value, mark]] of Object.entries(canaries)) {
    it(`a ${name}`, { timeout: 120_000 }, async () => {
      const isText = name === 'passphrase' || name === 'header value';
      // What is a name may be shown, but no key is one.
      const isName = (place: string): boolean =>
        names.has(place) || (isText && (place.startsWith('context.') || ['body', 'redact', 'map'].includes(place)));
      const all = [
        ...cases(value, isText ? isName : (place) => place.startsWith('headerFields') || place.startsWith('context.')),
      ];
      const cwd = fs.mkdtempSync(path.join(tmpdir(), 'flume-canary-'));
      const loader = import.meta.resolve('tsx');
      const child = promisify(execFile)(process.execPath, ['--import', loader, '--input-type=module', '-e', program], {
        maxBuffer: 2 ** 28,
        cwd,
      });
      child.child.stdin?.end(JSON.stringify(all));
      const { stdout, stderr } = await child;
      fs.rmSync(cwd, { recursive: true });
      assert.match(stdout, new RegExp(`cases: ${all.length}\\n$`));
      const output = `${stdout}${stderr}`;
      const found = output.indexOf(mark);
      assert.equal(found === -1 ? '' : output.slice(Math.max(0, found - 300), found + 100), '');
    });
  }
});
