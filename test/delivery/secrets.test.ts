// What `redact` names never reaches the wire, whatever an attacker has logged beside it: through winston's formats, pino 9 and
// 10, and the command that reads lines. What goes to the agent is searched byte by byte.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pino } from 'pino';
import pinoFlume from 'pino-flume';
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';
import { startDevAgent } from '../../packages/dev-agent/src/index.ts';

const seed = Number(process.env.SEED ?? 1);
const numRuns = Number(process.env.COUNT ?? 300);
const mark = 'S3CR3T-4711';
// A dependency of the package pino-flume.
const pino9 = createRequire(path.join(import.meta.dirname, '../../packages/pino/package.json'))('pino9') as typeof pino;

/** An agent, and all bytes that were sent to it. */
async function withWire(use: (agents: string) => Promise<void>): Promise<Buffer> {
  await using source = await startDevAgent({ port: 0, keepEvents: 0 });
  const chunks: Buffer[] = [];
  const proxy = net.createServer((socket) => {
    const onward = net.connect(source.port, '127.0.0.1');
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward])
      end.on('error', () => {}).on('close', () => [socket, onward].map((e) => e.destroy()));
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  try {
    await use(`127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  } finally {
    proxy.close();
  }
  return Buffer.concat(chunks);
}

function assertHidden(wire: Buffer): void {
  const at = wire.indexOf(mark);
  assert.equal(at === -1 ? '' : wire.toString('utf8', Math.max(0, at - 300), at + 100), '');
}

const piece = fc.oneof(
  fc.constantFrom('"', '\\', '\\"', '{', '}', '[', ']', ':', ',', ' ', "'", '\n', '\u2028', '\ufeff', '%s', '%j', '%o'),
  fc.constantFrom(
    '{"password":1}',
    '"password":"x"',
    '"password":',
    '"password"',
    '{"user":{"token":1}}',
    '"a":{',
    '},"b":{',
  ),
  fc.string({ maxLength: 6 }),
);
const attack = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
const secret = fc.oneof(
  fc.constant(mark),
  fc.string({ maxLength: 4 }).map((text) => `${mark}${text}"${text}${mark}`),
);
const record = fc.record({ message: attack, key: attack, value: attack, secret, nested: fc.boolean() });
type Attacked = typeof record extends fc.Arbitrary<infer Value> ? Value : never;

const redact = ['password', 'user.token', 'list[*].password'];

function fields({ key, value, secret: hidden, nested }: Attacked): Record<string, unknown> {
  const password = nested ? { deep: [hidden] } : hidden;
  const user = { name: value, token: hidden, [`_${key}`]: value };
  return { [`_${key}`]: value, password, user, list: [{ password: hidden, name: value }], zz: value };
}

const { combine, timestamp, json, simple, printf, logstash, cli, prettyPrint, splat, align, colorize } = winston.format;
const text = (value: unknown): string => String(value);
const formats: Readonly<Record<string, winston.Logform.Format>> = {
  json: json(),
  'timestamp and json': combine(timestamp(), json()),
  'splat and json': combine(splat(), json()),
  simple: simple(),
  'colours and simple': combine(colorize({ all: true }), align(), simple()),
  logstash: logstash(),
  cli: cli(),
  prettyPrint: prettyPrint(),
  'message and json': printf(({ message, ...rest }) => `${text(message)} ${JSON.stringify(rest)}`),
  'json and message': printf(({ message, ...rest }) => `${JSON.stringify(rest)}${text(message)}`),
  'json within json': printf((info) => JSON.stringify({ log: JSON.stringify(info) })),
  'between messages': printf(({ message, ...rest }) => `${text(message)}${JSON.stringify(rest)}${text(message)}`),
  'other names': printf(({ password, user, message }) => JSON.stringify({ message, secret: password, by: user })),
  logfmt: printf(
    ({ level, message, password }) => `level=${level} msg="${text(message)}" password=${JSON.stringify(password)}`,
  ),
  'no line': winston.format((info) => info)(),
};

describe('what is to be hidden never reaches the wire', { timeout: 180_000 }, () => {
  for (const [name, format] of Object.entries(formats)) {
    it(`winston, ${name}`, async () => {
      let sent = 0;
      const wire = await withWire(async (agents) => {
        const headerFields = { p: 'password', t: 'user.token', u: 'user' };
        const transport = new FlumeTransport({ agents, redact, headerFields, context: { path: 'user' } });
        transport.on('warn', () => {});
        const logger = winston.createLogger({ format, transports: [transport] });
        fc.assert(
          fc.property(record, (attacked) => {
            logger.info(attacked.message, fields(attacked));
            logger.info({ ...fields(attacked), message: attacked.message });
            sent += 2;
          }),
          { seed, numRuns },
        );
        await transport.flush({ timeoutMs: 30_000 });
        assert.equal(transport.stats().delivered, sent);
        logger.close();
        await transport.close();
      });
      assertHidden(wire);
    });
  }

  for (const [name, make] of [
    ['pino 10', pino],
    ['pino 9', pino9],
  ] as const) {
    it(name, async () => {
      let sent = 0;
      const wire = await withWire(async (agents) => {
        const stream = pinoFlume({
          agents,
          redact,
          headerFields: { p: 'password', u: 'user' },
          context: { path: 'user' },
        });
        stream.on('warning', () => {});
        const logger = make({ level: 'info' }, stream);
        fc.assert(
          fc.property(record, (attacked) => {
            logger.info(fields(attacked), attacked.message);
            logger.child({ [attacked.key]: attacked.value }).info(fields(attacked), attacked.message);
            logger.child({ [attacked.key]: attacked.value, password: attacked.secret }).info(attacked.message);
            sent += 3;
          }),
          { seed, numRuns: numRuns * 2 },
        );
        await stream.flush();
        // pino 9 writes the keys of bindings as they are, line ends included.
        assert.ok(stream.stats().delivered >= sent);
        stream.end();
        await once(stream, 'close');
      });
      assertHidden(wire);
    });
  }

  it('lines from stdin', async () => {
    const wire = await withWire(async (agents) => {
      const command = path.join(import.meta.dirname, '../../packages/pino/dist/cli.cjs');
      const args = [
        command,
        '--agent',
        agents,
        ...redact.flatMap((name) => ['--redact', name]),
        '--header-field',
        'p=password',
      ];
      const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
      const lines: string[] = [];
      fc.assert(
        fc.property(record, (attacked) => {
          const line = JSON.stringify({ ...fields(attacked), msg: attacked.message });
          const oneLine = attacked.message.replaceAll('\n', ' ');
          // Behind a word an attack cannot make another object of it, whose fields have other paths.
          for (const whole of [
            line,
            `app ${oneLine}${line}`,
            `[${line}]`,
            `${line}${line}`,
            `${line},`,
            `\ufeff${line}`,
            `${line} ${oneLine}`,
          ]) {
            lines.push(whole, whole.slice(0, -(1 + (attacked.value.length % 20))));
          }
        }),
        { seed, numRuns },
      );
      child.stdin.on('error', () => {}).end(lines.join('\n'));
      const [status] = (await once(child, 'close')) as [number | null];
      assert.equal(status, 0, said);
    });
    assert.ok(wire.length > 10_000);
    assertHidden(wire);
  });
});
