import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EmbeddedAgent, FlumeClient } from '../../src/index.ts';
import { resolveDelivery } from '../../src/options/delivery-options.ts';
import { counterparts } from '../../src/options/foreign-names.ts';
import { resolveLogger } from '../../src/options/record-options.ts';

const wrong: [options: unknown, message: string][] = [
  ['x', 'options: expected an object, got "x"'],
  [null, 'options: expected an object, got null'],
  [{ agents: [] }, "agents: expected one agent at least, such as 'flume-1:4141', got []"],
  [{ agents: 'a:b:c' }, "agents: expected 'host:port' (an IPv6 address in brackets: '[::1]:4141'), got \"a:b:c\""],
  [{ agents: ['ok:1', 'flume:99999'] }, 'agents[1]: expected a port of 1 to 65535, got 99999'],
  [{ agents: [{ hots: 'x' }] }, 'agents[0]: expected { host, port } or { path }, got the key hots'],
  [{ agents: 7 }, "agents: expected 'host:port', { host, port } or { path }, got 7"],
  [{ agents: 'a', port: 1 }, 'agents: expected no host, port or path beside it'],
  [{ path: '/tmp/x', host: 'a' }, 'path: expected no host or port beside it'],
  [{ path: `/${'x'.repeat(200)}` }, "path: expected a socket's path of at most 103 bytes, got one of 201"],
  [{ port: 0 }, 'port: expected an integer from 1 to 65535, got 0'],
  [{ protocol: 'BINARY' }, "protocol: expected 'compact' or 'binary' or 'json', got \"BINARY\""],
  [{ channel: { capacity: 0 } }, 'channel.capacity: expected an integer >= 1, got 0'],
  [{ channel: { type: 'disk' } }, "channel.type: expected 'memory' or 'file' or 'spillable', got \"disk\""],
  [{ channel: { type: 'file' } }, "channel.dir: expected a folder's path, got undefined"],
  [{ channel: { type: 'file', dir: '' } }, 'channel.dir: expected a folder\'s path, got ""'],
  [{ channel: { type: 'file', dir: '/x', capacity: 5 } }, "channel.capacity: expected none with type 'file'"],
  [{ channel: { type: 'spillable', capacity: 5 } }, "channel.dir: expected a folder's path, got undefined"],
  [{ channel: { fsync: 'never' } }, "channel.fsync: expected none with type 'memory'"],
  [{ channel: 'memory' }, 'channel: expected an object, got "memory"'],
  [{ channel: { capcity: 5 } }, 'channel.capcity: unknown option, did you mean channel.capacity?'],
  [{ batchsize: 5 }, 'batchsize: unknown option, did you mean batchSize?'],
  // What other transports call it.
  [{ labels: {} }, 'labels: unknown option, here it is headers'],
  [{ flush_interval: 5 }, 'flush_interval: unknown option, here it is lingerMs'],
  [{ node: 'x' }, 'node: unknown option, here it is agents'],
  [{ timeout: 5 }, 'timeout: unknown option, here it is requestTimeoutMs'],
  [{ batching: {} }, 'batching: unknown option, here it is batchSize or lingerMs'],
  [{ onError: () => {} }, "onError: unknown option: trouble is an event, 'warn' with winston and 'warning' with pino"],
  [{ zzz: 5 }, /^zzz: unknown option \(known: agents, host, /],
  [{ batchSize: '5' }, 'batchSize: expected an integer >= 1, got "5"'],
  [{ lingerMs: 2 ** 31 }, 'lingerMs: expected an integer from 0 to 2147483647, got 2147483648'],
  [{ batchBytes: 17_000_000 }, 'batchBytes: expected an integer from 1 to 16383936, got 17000000'],
  [{ headers: { a: 1 } }, 'headers: expected an object whose values are strings, got an object'],
  [{ eventId: 'yes' }, 'eventId: expected true or false, got "yes"'],
  [{ retry: { maxDelayMs: NaN } }, 'retry.maxDelayMs: expected an integer from 1 to 2147483647, got NaN'],
  [{ tls: 'yes' }, 'tls: expected an object, got a string'],
  [{ tls: { minVersion: 'SSLv3' } }, "tls.minVersion: expected 'TLSv1.2' or 'TLSv1.3', got a string"],
  [{ tls: { cafile: 'x' } }, /^tls\.cafile: unknown option \(known: ca, cert/],
  [{ tls: { cert: 'x' } }, 'tls: expected cert and key together, got only cert'],
  [{ tls: { cert: 'x', key: 'y', pfx: 'z' } }, 'tls: expected either pfx or cert and key, got both'],
  [{ tls: { passphrase: 5 } }, 'tls.passphrase: expected a string, got a number'],
  [
    { agents: [{ host: 'a', tls: { ca: 5 } }] },
    'agents[0].tls.ca: expected PEM text, the path of a file, or bytes, or a list of these, got a number',
  ],
  [{ agents: [{ path: '/x', tls: true }] }, 'agents[0]: expected no tls for a Unix domain socket'],
  [{ path: '/x', tls: true }, 'tls: expected none for a Unix domain socket'],
  [{ kerberos: 'yes' }, 'kerberos: expected an object, got a string'],
  [{ kerberos: { hosts: 'x' } }, 'kerberos.hosts: unknown option, did you mean kerberos.host?'],
  [
    { kerberos: { service: 'flume/flume-1' } },
    "kerberos.service: expected a part of the agent's principal service/host@REALM, alone, got a string",
  ],
  [{ kerberos: { keytab: '' } }, 'kerberos.keytab: expected a keytab\'s path, got ""'],
  // Here it is not.
  [{ kerberos: true }, 'kerberos: it needs the package kerberos, which is not installed here: npm install kerberos'],
  [
    { agents: [{ host: 'a', kerberos: {} }] },
    'agents[0].kerberos: it needs the package kerberos, which is not installed here: npm install kerberos',
  ],
  [{ agents: [{ path: '/x', kerberos: false }] }, 'agents[0]: expected no kerberos for a Unix domain socket'],
  [{ tls: { servername: '127.0.0.1' } }, 'tls.servername: expected a host name, not an address, got a string'],
  [{ framed: 1 }, 'framed: expected true or false, got 1'],
  [{ batchSize: () => 5 }, 'batchSize: expected an integer >= 1, got a function'],
] as never;

describe('options', () => {
  for (const [options, message] of wrong) {
    it(`says of ${JSON.stringify(options)?.slice(0, 60)} what is wrong`, () => {
      assert.throws(() => new EmbeddedAgent(options as object), { code: 'ERR_FLUME_OPTION', message });
    });
  }

  it('are completed, and not shared', () => {
    const { agents, ...rest } = resolveDelivery({ lingerMs: undefined });
    assert.deepEqual(agents, [{ tag: 'tcp', host: '127.0.0.1', port: 4141, name: '127.0.0.1:4141', tls: undefined }]);
    assert.equal(rest.lingerMs, 1000);
    assert.deepEqual(rest.channel, {
      type: 'memory',
      capacity: 100_000,
      byteCapacity: 67_108_864,
      whenFull: 'drop-newest',
    });
    assert.ok(Object.isFrozen(resolveDelivery()));
    assert.deepEqual(
      resolveDelivery({ agents: ['a', 'b:1', '[::1]:2', { host: 'c', port: 3 }, { path: '/d' }] }).agents.map(
        ({ name }) => name,
      ),
      ['a:4141', 'b:1', '[::1]:2', 'c:3', '/d'],
    );
    assert.deepEqual(resolveDelivery({ host: 'h' }).agents[0]?.name, 'h:4141');
  });

  it('of a client are checked alike', () => {
    assert.throws(() => new FlumeClient({ timeoutMs: 0 }), {
      message: 'timeoutMs: expected an integer from 1 to 2147483647, got 0',
    });
    assert.throws(() => new FlumeClient({ prot: 1 } as object), {
      message: 'prot: unknown option, did you mean port?',
    });
  });

  it('that other transports have are options here, for a logger', () => {
    // One of them is an option of pino's transport alone.
    const own = { levels: { expected: 'levels', isRight: () => true } };
    for (const [name, { options }] of Object.entries(counterparts)) {
      const text = options.length === 0 ? ': ' : `, here it is ${options.join(' or ')}`;
      assert.throws(
        () => resolveLogger({ [name]: 1 }, 'function', own),
        ({ message }: Error) => message.startsWith(`${name}: unknown option${text}`),
        name,
      );
    }
    // Where there is no such option, the nearest one is meant.
    assert.throws(() => new FlumeClient({ timeout: 1 } as object), {
      message: 'timeout: unknown option, did you mean timeoutMs?',
    });
  });

  it("of a logger's own are judged with ours", () => {
    const own = { silent: { expected: 'true or false', isRight: (value: unknown) => typeof value === 'boolean' } };
    assert.deepEqual(resolveLogger({ silent: true, port: 1 }, 'function', own).logger, { silent: true });
    assert.equal('silent' in resolveLogger({ silent: true }, 'function', own).delivery, false);
    for (const [options, message] of [
      [{ silent: 1 }, 'silent: expected true or false, got 1'],
      [{ slient: true }, 'slient: unknown option, did you mean silent?'],
      [{ zzz: true }, /^zzz: unknown option \(known: .*, silent\)$/],
    ] as const) {
      assert.throws(() => resolveLogger(options, 'function', own), { message });
    }
  });

  it('of a logger add those of records', () => {
    assert.throws(() => resolveLogger({ preset: 'flum' }, 'function'), {
      message: "preset: expected 'flume' or 'hdfs' or 'kafka' or 'log4j' or 'log4j2' or 'none', got \"flum\"",
    });
    assert.throws(() => resolveLogger({ map: './map.js' }, 'function'), {
      message: 'map: expected a function, got "./map.js"',
    });
    assert.throws(() => resolveLogger({ headerField: {} }, 'module'), {
      message: 'headerField: unknown option, did you mean headerFields?',
    });
    assert.throws(() => resolveLogger({ agents: [] }, 'module'), { code: 'ERR_FLUME_OPTION' });
    assert.deepEqual(resolveLogger({ body: 'a.b' }, 'module').record.body, { tag: 'path', path: ['a', 'b'] });
  });
});
