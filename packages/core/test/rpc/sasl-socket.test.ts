// SASL's negotiation byte by byte, with a GSSAPI and an agent that do as they are told. Real ones: test/kerberos.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { describe, it } from 'node:test';
import { type GssContext, GssError, type GssStep } from '../../src/rpc/gssapi-process.ts';
import { SaslSocket } from '../../src/rpc/sasl-socket.ts';

const handshake = { name: 'Kerberos', unanswered: '', whenSilent: '', whenClosed: '' };
const words = {
  ticket: { ...handshake, unanswered: 'no ticket' },
  agent: { ...handshake, unanswered: 'no answer' },
  gssError: (message: string) => `gss: ${message}`,
  refusal: (text: string) => `refused: ${text}`,
  stranger: (bytes: Buffer) => `strange: ${bytes.toString('latin1')}`,
};

const message = (status: number, payload: string | readonly number[] | Buffer = '') => {
  const head = Buffer.alloc(5);
  head.writeUInt8(status, 0);
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, Buffer.from(payload as string)]);
};

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');

/** Two steps with mutual authentication; wraps by turning the bytes round. */
class ScriptedContext implements GssContext {
  closed = 0;
  readonly heard: string[] = [];
  readonly #first: () => Promise<GssStep>;

  constructor(first: () => Promise<GssStep> = async () => ({ token: base64('AP-REQ'), complete: false })) {
    this.#first = first;
  }

  start(): Promise<GssStep> {
    return this.#first();
  }

  async step(token: string): Promise<GssStep> {
    this.heard.push(Buffer.from(token, 'base64').toString());
    return { token: '', complete: true };
  }

  async unwrap(token: string): Promise<string> {
    return base64(Buffer.from(token, 'base64').reverse());
  }

  async wrap(token: string): Promise<string> {
    return this.unwrap(token);
  }

  close(): void {
    this.closed += 1;
  }
}

type Answer = readonly [afterBytes: number, bytes: Uint8Array | 'end'];

/** An agent that says one thing after the other, each once it has got so many bytes more. */
async function agentSaying(...answers: readonly Answer[]) {
  const heard: Buffer[] = [];
  const rest = [...answers];
  const server = net.createServer((socket) => {
    let since = 0;
    const say = () => {
      while (rest[0] !== undefined && since >= rest[0][0]) {
        since -= rest[0][0];
        const [, bytes] = rest.shift() as Answer;
        if (bytes === 'end') socket.end();
        else socket.write(bytes);
      }
    };
    socket.on('data', (chunk) => {
      heard.push(chunk);
      since += chunk.length;
      say();
    });
    socket.on('error', () => {});
    say();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    heard: () => Buffer.concat(heard),
    connect: (context: GssContext) => {
      const raw = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
      return new SaslSocket(raw, context, words);
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

const started = message(1, 'GSSAPI').length + message(2, 'AP-REQ').length;
const offer = Buffer.from([0, 0, 1, 1]);

describe('SASL', () => {
  it('ends with a connection that carries bytes both ways, those in the last packet too', async () => {
    await using agent = await agentSaying(
      [started, message(2, 'AP-REP')],
      [message(2).length, message(2, offer)],
      [message(5, 'abcd').length, Buffer.concat([message(5), Buffer.from('early')])],
    );
    const context = new ScriptedContext();
    const socket = agent.connect(context);
    const [, [early]] = (await Promise.all([once(socket, 'secureConnect'), once(socket, 'data')])) as [[], [Buffer]];
    assert.equal(early.toString(), 'early');
    assert.deepEqual(context.heard, ['AP-REP']);
    assert.equal(context.closed, 1, 'its process is gone');
    const expected = [message(1, 'GSSAPI'), message(2, 'AP-REQ'), message(2), message(5, [0, 0, 0, 1])];
    assert.deepEqual(agent.heard(), Buffer.concat(expected));
    socket.destroy();
  });

  it('takes answers that come byte by byte', async () => {
    const bytes = Buffer.concat([message(2, 'AP-REP'), message(2, offer), message(5)]);
    const single = Array.from(bytes, (_, at) => [at === 0 ? started : 0, bytes.subarray(at, at + 1)] as const);
    await using agent = await agentSaying(...single);
    const socket = agent.connect(new ScriptedContext());
    await once(socket, 'secureConnect');
    socket.destroy();
  });

  const failures: [what: string, answers: readonly Answer[], error: string, first?: () => Promise<GssStep>][] = [
    ['BAD', [[started, message(3, 'GSS initiate failed')]], 'refused: GSS initiate failed'],
    ['ERROR', [[started, message(4, 'no')]], 'refused: no'],
    ['COMPLETE too early', [[started, message(5)]], 'SASL status 5 where 2 was expected'],
    [
      'layers without "none"',
      [
        [started, message(2, 'AP-REP')],
        [message(2).length, message(2, [0, 0, 1, 6])],
      ],
      'the agent insists on sealed messages (SASL QOP auth-int or auth-conf), which Flume does not',
    ],
    ['an alert of TLS', [[started, Buffer.from([0x15, 3, 3, 0, 2, 2, 10])]], 'strange: \x15\x03\x03\x00\x02\x02\n'],
    ['who speaks first', [[0, Buffer.from('SSH-2.0')]], 'strange: SSH-2.0', () => new Promise(() => {})],
    [
      '64 KiB and more',
      [[started, message(2, Buffer.alloc(64 * 1024 + 1)).subarray(0, 5)]],
      'strange: \x02\x00\x01\x00\x01',
    ],
    ['GSSAPI', [], 'gss: Ticket expired', () => Promise.reject(new GssError('Ticket expired'))],
    ['no process', [], 'spawn ENOMEM', () => Promise.reject(new Error('spawn ENOMEM'))],
  ];
  for (const [what, answers, error, first] of failures) {
    it(`says what is wrong: ${what}`, async () => {
      await using agent = await agentSaying(...answers);
      const context = new ScriptedContext(first);
      const socket = agent.connect(context);
      const failed = new Promise<Error>((resolve) => socket.once('error', resolve));
      assert.equal((await failed).message, error);
      assert.equal(context.closed, 1, 'its process is gone');
      socket.destroy();
    });
  }

  it('says whom it waits for', async () => {
    let ticket: (step: GssStep) => void = () => {};
    await using agent = await agentSaying([started, 'end']);
    const socket = agent.connect(new ScriptedContext(() => new Promise((resolve) => (ticket = resolve))));
    await once(socket, 'connect');
    await new Promise(setImmediate);
    assert.equal(socket.handshake.unanswered, 'no ticket');
    ticket({ token: base64('AP-REQ'), complete: false });
    await once(socket, 'end');
    assert.equal(socket.handshake.unanswered, 'no answer');
    socket.destroy();
  });

  it('ends what GSSAPI does when it is destroyed', async () => {
    await using agent = await agentSaying();
    const context = new ScriptedContext(() => new Promise(() => {}));
    const socket = agent.connect(context);
    await once(socket, 'connect');
    socket.destroy();
    assert.equal(context.closed, 1);
  });
});
