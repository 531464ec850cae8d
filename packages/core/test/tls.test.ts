import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import tls, { type TlsOptions as ServerOptions } from 'node:tls';
import { type DevAgentOptions, startDevAgent } from '../../dev-agent/src/index.ts';
import { EmbeddedAgent, FlumeClient, type FlumeClientOptions, FlumeError, type TlsOptions } from '../src/index.ts';
import { authority, type Certificate, certificate } from './certificates.ts';
import { failure } from './failed-call.ts';
import { leakCheck } from './leak-check.ts';
import { withDirectory } from './test-directory.ts';

const dayMs = 24 * 60 * 60 * 1000;
const day = (offset: number): Date => new Date(Date.now() + offset * dayMs);
const fixture = (name: string): string => path.join(import.meta.dirname, name);

const names = ['127.0.0.1', 'localhost'];
const ca = await authority('Test authority');
const otherCa = await authority('Other authority');
const good = await certificate('agent', { by: ca, names });
const selfSigned = await certificate('agent', { names });
const expired = await certificate('agent', { by: ca, names, validFrom: day(-9), validTo: day(-1) });
const early = await certificate('agent', { by: ca, names, validFrom: day(1), validTo: day(9) });
const elsewhere = await certificate('agent', { by: ca, names: ['flume.example'] });
const client = await certificate('client', { by: ca });
const lockedClient = await certificate('client', { by: ca, passphrase: 'secret' });
const stranger = await certificate('stranger');
const pfxCert = await readFile(fixture('client.cert.pem'), 'utf8');

interface Setup {
  readonly server?: ServerOptions;
  readonly tls?: boolean | TlsOptions | undefined;
  readonly client?: FlumeClientOptions;
  readonly agent?: DevAgentOptions;
}

/** Sends an event, and returns what the agent stored, or why it did not. */
async function outcome({ server = good, tls: option, client: more, agent: devAgent }: Setup): Promise<string> {
  await using source = await startDevAgent({ port: 0, tls: server, ...devAgent });
  await using flume = new FlumeClient({ port: source.port, tls: option, ...more });
  try {
    await flume.connect();
    await flume.append({ body: 'hello' });
  } catch (error) {
    assert.ok(error instanceof FlumeError);
    assert.ok(error.message.startsWith(`Flume agent ${more?.host ?? '127.0.0.1'}:${source.port}: `), error.message);
    assert.doesNotMatch(error.message, /[\n\r]|deps\/openssl|PRIVATE KEY|secret/);
    return `${error.code}: ${error.message}`;
  }
  return source.events.map(({ body }) => body.toString()).join();
}

/** A server with a script of its own. */
async function withServer(
  onConnection: (socket: net.Socket) => void,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    onConnection(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }
}

const mutual = (server: Certificate, trusted: string, version?: 'TLSv1.2' | 'TLSv1.3'): ServerOptions => ({
  ...server,
  requestCert: true,
  ca: trusted,
  ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
});

const only = (version: 'TLSv1.2' | 'TLSv1.3'): ServerOptions => ({
  ...good,
  minVersion: version,
  maxVersion: version,
});

/** Runs a program in a process of its own to its end, and returns what it wrote on stderr. */
async function run(program: string): Promise<string> {
  const index = JSON.stringify(path.join(import.meta.dirname, '../src/index.ts'));
  const args = ['--import', 'tsx', '--input-type=module', '-e', `import { FlumeClient } from ${index};\n${program}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code, signal] = await once(child, 'close');
  assert.deepEqual([code, signal], [0, null], stderr);
  return stderr;
}

describe('TLS', () => {
  leakCheck();

  describe('the agent is trusted', () => {
    leakCheck();
    const cases: [string, Setup][] = [
      ['signed by the authority', { tls: { ca: ca.cert } }],
      ['signed by one of several authorities', { tls: { ca: [otherCa.cert, Buffer.from(ca.cert)] } }],
      ['signed by one of several in one text', { tls: { ca: `${otherCa.cert}\n${ca.cert}` } }],
      ['the authority as bytes', { tls: { ca: new Uint8Array(Buffer.from(ca.cert)) } }],
      ['signed by itself, and given', { server: selfSigned, tls: { ca: selfSigned.cert } }],
      ['by name', { tls: { ca: ca.cert }, client: { host: 'localhost' } }],
      ['by another name', { server: elsewhere, tls: { ca: ca.cert, servername: 'flume.example' } }],
      ['not checked', { server: selfSigned, tls: { rejectUnauthorized: false } }],
      ['1.2 only', { server: only('TLSv1.2'), tls: { ca: ca.cert } }],
      ['1.3 only', { server: only('TLSv1.3'), tls: { ca: ca.cert } }],
      ['1.3 asked for', { server: good, tls: { ca: ca.cert, minVersion: 'TLSv1.3' } }],
      ['a certificate that nobody asks for', { tls: { ca: ca.cert, ...client } }],
      ...(['TLSv1.2', 'TLSv1.3'] as const).flatMap((version): [string, Setup][] => [
        [
          `a client certificate, ${version}`,
          { server: mutual(good, ca.cert, version), tls: { ca: ca.cert, ...client } },
        ],
        [
          `a client key with a passphrase, ${version}`,
          { server: mutual(good, ca.cert, version), tls: { ca: ca.cert, ...lockedClient, passphrase: 'secret' } },
        ],
        [
          `a client certificate as PKCS#12, ${version}`,
          {
            server: mutual(good, pfxCert, version),
            tls: { ca: ca.cert, pfx: fixture('client.p12'), passphrase: 'secret' },
          },
        ],
      ]),
    ];
    for (const [name, setup] of cases) {
      it(name, async () => {
        assert.equal(await outcome(setup), 'hello');
      });
    }

    it('PKCS#12 as bytes', async () => {
      const pfx = await readFile(fixture('client.p12'));
      const server = mutual(good, pfxCert);
      assert.equal(await outcome({ server, tls: { ca: ca.cert, pfx, passphrase: 'secret' } }), 'hello');
    });

    for (const protocol of ['compact', 'binary', 'json'] as const) {
      for (const framed of [true, false]) {
        it(`${protocol}, ${framed ? 'framed' : 'unframed'}`, async () => {
          const wire = { protocol, framed };
          assert.equal(await outcome({ tls: { ca: ca.cert }, client: wire, agent: wire }), 'hello');
        });
      }
    }

    it('certificates and keys from files', async () => {
      await withDirectory(async (directory) => {
        const file = async (name: string, text: string): Promise<string> => {
          await writeFile(path.join(directory, name), text);
          return path.join(directory, name);
        };
        const files = {
          ca: [await file('ca.pem', ca.cert)],
          cert: await file('client.pem', client.cert),
          key: await file('client.key', client.key),
        };
        assert.equal(await outcome({ server: mutual(good, ca.cert), tls: files }), 'hello');
      });
    });
  });

  describe('it is not, and the error says what to do', () => {
    leakCheck();
    const noAnswer = /cannot connect: the agent closed the connection in the TLS handshake: does it speak TLS \(else/;
    const cases: [string, Setup, RegExp][] = [
      ['unknown authority', { tls: true }, /unable to verify .* \(give the authority that signed it as tls\.ca\)/],
      ['another authority', { tls: { ca: otherCa.cert } }, /\(give the authority that signed it as tls\.ca\)/],
      [
        'signed by itself',
        { server: selfSigned, tls: true },
        /self-signed certificate.* \(give its certificate as tls\.ca/,
      ],
      [
        'a chain to an unknown authority',
        { server: { key: good.key, cert: `${good.cert}\n${ca.cert}` }, tls: true },
        /self-signed certificate in .*chain \(give the authority that signed it as tls\.ca\)/,
      ],
      ['expired', { server: expired, tls: { ca: ca.cert } }, /has expired \(the agent's certificate must be renewed/],
      ['too early', { server: early, tls: { ca: ca.cert } }, /not yet valid \(.* or a clock is wrong/],
      [
        'the wrong host',
        { server: elsewhere, tls: { ca: ca.cert } },
        /127\.0\.0\.1 is not in .* \(use the name that its certificate has, or say that name as tls\.servername\)/,
      ],
      [
        'the wrong servername',
        { tls: { ca: ca.cert, servername: 'flume.example' } },
        /flume\.example\. is not in the cert's altnames: .*localhost.* say that name as tls\.servername/,
      ],
      [
        'only an older version',
        { server: only('TLSv1.2'), tls: { ca: ca.cert, minVersion: 'TLSv1.3' } },
        /protocol version \(no version of TLS that both accept: tls\.minVersion, and include-protocols in the agent/,
      ],
      [
        'no client certificate, 1.2',
        { server: mutual(good, ca.cert, 'TLSv1.2'), tls: { ca: ca.cert } },
        /handshake failure \(the agent may ask for a client certificate \(tls\.cert and tls\.key, or tls\.pfx\)/,
      ],
      [
        'no client certificate, 1.3',
        { server: mutual(good, ca.cert, 'TLSv1.3'), tls: { ca: ca.cert } },
        /certificate required \(the agent asks for a client certificate: tls\.cert and tls\.key, or tls\.pfx\)/,
      ],
      ['a plain agent', { tls: { ca: ca.cert }, agent: { tls: undefined } }, noAnswer],
      ['a plain agent without frames', { tls: true, agent: { tls: undefined, framed: false } }, noAnswer],
      [
        'a client certificate refused, 1.2',
        { server: mutual(good, ca.cert, 'TLSv1.2'), tls: { ca: ca.cert, ...stranger } },
        noAnswer,
      ],
      [
        'the wrong passphrase',
        { tls: { ...lockedClient, passphrase: 'no' } },
        /tls\.passphrase: it does not open tls\.key/,
      ],
      ['no passphrase', { tls: lockedClient }, /tls\.passphrase: it does not open tls\.key/],
      [
        'the wrong passphrase of PKCS#12',
        { tls: { pfx: fixture('client.p12'), passphrase: 'no' } },
        /tls\.passphrase: it does not open tls\.pfx/,
      ],
      [
        'the key of another certificate',
        { tls: { cert: client.cert, key: stranger.key } },
        /tls\.key: it is not the private key of tls\.cert/,
      ],
      ['a certificate for a key', { tls: { cert: client.cert, key: client.cert } }, /tls\.cert and tls\.key: expected/],
      [
        'a Java keystore as authority',
        { tls: { ca: Buffer.from('feedfeed00000002', 'hex') } },
        /tls\.ca: what was given holds no PEM \(for a Java keystore: keytool -exportcert -rfc\)/,
      ],
      [
        'a Java keystore as PKCS#12',
        { tls: { pfx: Buffer.from('feedfeed00000002', 'hex') } },
        /tls\.pfx: expected PKCS#12/,
      ],
      ['a key as authority', { tls: { ca: client.key } }, /tls\.ca: the text holds no certificate/],
      ['no PEM in a file', { tls: { ca: fixture('client.p12') } }, /tls\.ca: \S+client\.p12 holds no PEM/],
      ['no file', { tls: { ca: '/no/such.pem' } }, /cannot connect: tls\.ca: cannot read \/no\/such\.pem: ENOENT/],
      ['no file of a list', { tls: { ca: [ca.cert, '/no/such.pem'] } }, /tls\.ca: cannot read \/no\/such\.pem/],
      [
        'no file for cert',
        { tls: { cert: '/no/cert.pem', key: client.key } },
        /tls\.cert: cannot read \/no\/cert\.pem/,
      ],
      ['no file for key', { tls: { cert: client.cert, key: '/no/key.pem' } }, /tls\.key: cannot read \/no\/key\.pem/],
      ['no file for pfx', { tls: { pfx: '/no/client.p12' } }, /tls\.pfx: cannot read \/no\/client\.p12/],
    ];
    for (const [name, setup, message] of cases) {
      it(name, async () => {
        const text = await outcome(setup);
        assert.match(text, /^ERR_FLUME_CONNECT: /);
        assert.match(text, message);
      });
    }

    it('a client certificate refused, 1.3: the connection stands already', async () => {
      const server = mutual(good, ca.cert, 'TLSv1.3');
      const text = await outcome({ server, tls: { ca: ca.cert, ...stranger } });
      assert.match(text, /^ERR_FLUME_CONNECTION_LOST: .*or does it not trust the client certificate \(tls\.cert\)/);
    });

    it('NODE_TLS_REJECT_UNAUTHORIZED=0 does not switch the check off', async (t) => {
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
      t.after(() => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED);
      assert.match(await outcome({ server: selfSigned, tls: true }), /^ERR_FLUME_CONNECT: .*self-signed/);
    });

    it('a plain client to a TLS port', async () => {
      // Node closes without a word; Java, and so Flume, sends an alert first.
      assert.match(
        await outcome({ tls: false }),
        /without an answer: .* or TLS or Kerberos \(the options tls and kerberos\)/,
      );
      const alert = Buffer.from('15030300020250', 'hex');
      await withServer(
        (socket) => socket.once('data', () => socket.end(alert)),
        async (port) => {
          const error = await failure(new FlumeClient({ port }).append({ body: 'x' }));
          assert.equal(error.code, 'ERR_FLUME_PROTOCOL');
          assert.match(error.message, /it speaks TLS: set the option tls$/);
        },
      );
    });

    for (const [name, bytes] of [
      ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
      ['SSH', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ] as const) {
      it(`a server that speaks ${name}`, async () => {
        await withServer(
          (socket) => socket.write(bytes),
          async (port) => {
            const error = await failure(new FlumeClient({ port, tls: true }).connect());
            assert.equal(error.code, 'ERR_FLUME_CONNECT');
            assert.match(error.message, /it does not speak TLS: remove the option tls, or set ssl = true in the agent/);
          },
        );
      });
    }

    it('a handshake that stalls', async () => {
      await withServer(
        (socket) => socket.resume(),
        async (port) => {
          const error = await failure(
            new FlumeClient({ port, tls: true, connectTimeoutMs: 120 }).append({ body: 'x' }),
          );
          assert.equal(error.code, 'ERR_FLUME_CONNECT');
          assert.equal(error.ackUnknown, false);
          assert.match(
            error.message,
            /no answer to the TLS handshake within 120 ms \(connectTimeoutMs\): .* a thread left/,
          );
        },
      );
    });
  });

  it('asks for the server by its name, and for an address by none', async () => {
    const asked: (string | false | undefined)[] = [];
    const server: ServerOptions = {
      ...good,
      // Called only where the client names a server.
      SNICallback: (name, done) => {
        asked.push(name);
        done(null);
      },
    };
    assert.equal(await outcome({ server, tls: { ca: ca.cert }, client: { host: 'localhost' } }), 'hello');
    assert.deepEqual(asked, ['localhost']);
    assert.equal(await outcome({ server, tls: { ca: ca.cert } }), 'hello');
    assert.deepEqual(asked, ['localhost']);
    const other = { ...server, ...elsewhere };
    assert.equal(await outcome({ server: other, tls: { ca: ca.cert, servername: 'flume.example' } }), 'hello');
    assert.deepEqual(asked, ['localhost', 'flume.example']);
  });

  it('sends small frames at once, and notices a peer that vanished', async (t) => {
    const noDelay = t.mock.method(net.Socket.prototype, 'setNoDelay');
    const keepAlive = t.mock.method(net.Socket.prototype, 'setKeepAlive');
    await using source = await startDevAgent({ port: 0, tls: good });
    await using flume = new FlumeClient({ port: source.port, tls: { ca: ca.cert } });
    await flume.append({ body: 'x' });
    const own = ({ this: socket }: { this: unknown }): boolean =>
      socket instanceof tls.TLSSocket && socket.remotePort === source.port;
    assert.deepEqual(
      noDelay.mock.calls.filter(own).map(({ arguments: given }) => given),
      [[true]],
    );
    assert.deepEqual(
      keepAlive.mock.calls.filter(own).map(({ arguments: given }) => given),
      [[true, 30_000]],
    );
  });

  it('reads the files again for every connection: a rotated certificate needs no restart', async () => {
    await withDirectory(async (directory) => {
      const file = path.join(directory, 'ca.pem');
      await writeFile(file, otherCa.cert);
      await using source = await startDevAgent({ port: 0, tls: good });
      const agent = new EmbeddedAgent({
        port: source.port,
        tls: { ca: file },
        lingerMs: 0,
        retry: { initialDelayMs: 5, maxDelayMs: 20 },
      });
      const warnings: FlumeError[] = [];
      agent.on('warning', (warning) => warnings.push(warning));
      agent.put({ body: 'before' });
      const [warning] = (await once(agent, 'warning')) as [FlumeError];
      assert.match(warning.message, /give the authority that signed it as tls\.ca/);
      // While it is replaced, it may be missing for a moment.
      await rm(file);
      await writeFile(file, ca.cert);
      await source.waitFor(1);
      // The next one is wrong again, which the connection that stands does not notice.
      await writeFile(file, otherCa.cert);
      agent.put({ body: 'meanwhile' });
      await source.waitFor(2);
      source.dropConnections();
      agent.put({ body: 'after' });
      await writeFile(file, ca.cert);
      await source.waitFor(3);
      assert.deepEqual(await agent.close(), { delivered: 3, dropped: 0, queued: 0 });
      assert.ok(warnings.some(({ code }) => code === 'FLUME_RECOVERED'));
    });
  });

  it('connects again after the agent has closed an idle connection, which is no failure', async () => {
    await using source = await startDevAgent({ port: 0, tls: good, idleTimeoutMs: 30 });
    const agent = new EmbeddedAgent({ port: source.port, tls: { ca: ca.cert }, lingerMs: 0 });
    const warnings: FlumeError[] = [];
    agent.on('warning', (warning) => warnings.push(warning));
    for (const count of [1, 2, 3]) {
      const closed = once(source, 'disconnect');
      agent.put({ body: 'x' });
      await source.waitFor(count);
      await closed;
    }
    assert.deepEqual(await agent.close(), { delivered: 3, dropped: 0, queued: 0 });
    assert.deepEqual([warnings, agent.stats().retried, source.connectionsTotal], [[], 0, 3]);
  });

  it('keeps no idle process alive', async () => {
    await using source = await startDevAgent({ port: 0, tls: good });
    const options = { port: source.port, tls: { ca: ca.cert } };
    assert.equal(await run(`await new FlumeClient(${JSON.stringify(options)}).append({ body: 'x' });`), '');
    assert.equal(source.received, 1);
  });

  it('EmbeddedAgent delivers over TLS, and each agent can have its own setting', async () => {
    await using plain = await startDevAgent({ port: 0 });
    await using encrypted = await startDevAgent({ port: 0, tls: good });
    const agent = new EmbeddedAgent({
      agents: [
        { host: '127.0.0.1', port: plain.port, tls: false },
        { host: '127.0.0.1', port: encrypted.port },
      ],
      tls: { ca: ca.cert },
      retry: { initialDelayMs: 5, maxDelayMs: 20 },
    });
    agent.put({ body: 'a' });
    await agent.flush();
    assert.equal(plain.received, 1);
    await plain.close();
    agent.on('warning', () => {});
    for (let index = 0; index < 250; index++) agent.put({ body: `${index}` });
    const { queued } = await agent.close();
    assert.equal(queued, 0);
    assert.deepEqual(
      encrypted.events.map(({ body }) => Number(body)).sort((a, b) => a - b),
      Array.from({ length: 250 }, (_, index) => index),
    );
  });
});

describe('warnings about connections that others can read', () => {
  leakCheck();

  /** Connects to hosts in a process of its own, and returns the warnings that it printed. */
  async function warnings(...clients: FlumeClientOptions[]): Promise<string[]> {
    const stderr = await run(`
      for (const options of ${JSON.stringify(clients)}) {
        await new FlumeClient({ connectTimeoutMs: 1, ...options }).connect().catch(() => {});
      }`);
    return stderr.split('\n').filter((line) => line.includes('FlumeWarning'));
  }

  it('plain TCP beyond this machine: one line for the process', async () => {
    const lines = await warnings({ host: '192.0.2.1' }, { host: '192.0.2.2' }, { host: 'flume.invalid' });
    assert.equal(lines.length, 1);
    assert.match(
      lines[0] as string,
      /\[FLUME_PLAIN_TCP\] FlumeWarning: events go to 192\.0\.2\.1:4141 unencrypted: set the option tls, or tls: false where that is meant/,
    );
  });

  it('none where it is meant, encrypted, or on this machine', async () => {
    const lines = await warnings(
      { host: '192.0.2.1', tls: false },
      { host: '192.0.2.1', tls: true },
      { host: 'localhost' },
      { host: '::1' },
      { host: '127.5.6.7' },
      { path: '/no/such.sock' },
    );
    assert.deepEqual(lines, []);
  });

  it('an agent without TLS among others that have it: one line for each', async () => {
    const stderr = await run(`
      const { EmbeddedAgent } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)});
      const plain = [{ host: '192.0.2.1' }, { host: '192.0.2.2', tls: false }, { host: '127.0.0.1', port: 1, tls: false }];
      const agents = [{ host: '192.0.2.9', tls: true }, ...plain];
      const agent = new EmbeddedAgent({ agents, connectTimeoutMs: 1, processor: 'load_balance' });
      agent.on('warning', () => {});
      await agent.ready({ timeoutMs: 100 }).catch(() => {});
      await agent.close({ timeoutMs: 0 });`);
    const names = Array.from(
      stderr.matchAll(/events go to (\S+) unencrypted, while other agents have TLS/g),
      ([, name = '']) => name,
    );
    assert.deepEqual(names.sort(), ['192.0.2.1:4141', '192.0.2.2:4141']);
  });

  it('rejectUnauthorized: false: one line for each agent', async () => {
    const option = { tls: { rejectUnauthorized: false } };
    const others = { host: '192.0.2.1', ...option };
    const lines = await warnings({ host: 'localhost', ...option }, others, others);
    assert.equal(lines.length, 2);
    assert.match(lines[0] as string, /FlumeWarning: localhost:4141 may be anybody: tls\.rejectUnauthorized is false/);
    assert.match(lines[1] as string, /FlumeWarning: 192\.0\.2\.1:4141 may be anybody/);
  });
});
