// pino with what its users and frameworks put around it, by each of the ways from pino to Flume: what arrives, headers and body.

import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type Arrival, arrivals, fields } from './arrivals.ts';

const command = path.join(import.meta.dirname, '../../packages/pino/dist/cli.cjs');
const host = hostname();

interface Cell {
  readonly does: string;
  readonly program: string;
  /** What the program gives the transport as options, as the command is given it. */
  readonly flags?: readonly string[];
  /** Of these records alone, by their message; without it of all. */
  readonly of?: readonly string[];
  /** Headers but for host and timestamp, and of the body what is looked at. */
  readonly arrives: readonly (readonly [headers: object, body: object | string | RegExp])[];
}

const cells: readonly Cell[] = [
  {
    does: 'pino-http: a record for each request, levels of its own',
    program: 'pino-http.mjs',
    flags: ['--header-field', 'requestId=req.id', '--header-field', 'status=res.statusCode', '--level', 'notice=35'],
    arrives: [
      [
        { level: 'info', requestId: 'r-1' },
        { order: 7, msg: 'looked up' },
      ],
      [{ level: 'notice', requestId: 'r-1', status: '200' }, { msg: 'request completed' }],
      [{ level: 'info', requestId: 'r-1' }, { msg: 'looked up' }],
      [{ level: 'warn', requestId: 'r-1', status: '404' }, { msg: 'request completed' }],
    ],
  },
  {
    does: 'Fastify: its records and an error that a route throws',
    program: 'fastify.mjs',
    flags: ['--header-field', 'requestId=reqId', '--level', 'notice=35'],
    arrives: [
      [{ level: 'info', requestId: 'req-1' }, { msg: 'incoming request' }],
      [
        { level: 'notice', requestId: 'req-1' },
        { order: '7', msg: 'looked up' },
      ],
      [{ level: 'error', requestId: 'req-1' }, { msg: 'no such order' }],
      [
        { level: 'info', requestId: 'req-1' },
        { res: { statusCode: 500 }, msg: 'request completed' },
      ],
    ],
  },
  {
    does: 'nestjs-pino: the context as the name, the request of each record',
    program: 'nestjs-pino.mjs',
    flags: ['--header-field', 'requestId=req.id', '--header-field', 'logger=context', '--level', 'notice=35'],
    of: ['Starting Nest application...', 'looked up', 'no such order', 'request completed'],
    arrives: [
      [{ level: 'info', logger: 'NestFactory' }, {}],
      [
        { level: 'info', logger: 'Orders', requestId: 'r-1' },
        { context: 'Orders', msg: 'looked up' },
      ],
      [{ level: 'error', logger: 'Orders', requestId: 'r-1' }, { context: 'Orders' }],
      [{ level: 'info', requestId: 'r-1' }, { msg: 'request completed' }],
    ],
  },
  {
    does: 'custom levels',
    program: 'custom-levels.mjs',
    flags: ['--level', 'notice=35', '--level', 'loud=70'],
    arrives: [
      [{ level: 'notice' }, { level: 35, msg: 'heard' }],
      [{ level: 'loud' }, { level: 70 }],
      [{ level: 'warn' }, { level: 40 }],
    ],
  },
  {
    does: 'custom levels alone',
    program: 'only-custom-levels.mjs',
    flags: ['--level', 'notice=30', '--level', 'alert=60'],
    arrives: [
      [{ level: 'notice' }, { level: 30, msg: 'heard' }],
      [{ level: 'alert' }, { level: 60, part: 'x' }],
    ],
  },
  {
    does: 'child loggers: bindings, prefixes and names',
    program: 'child.mjs',
    flags: ['--header-field', 'requestId=requestId'],
    arrives: [
      [
        { level: 'info', logger: 'shop', requestId: 'r-2' },
        { service: 'shop', user: { id: 7 }, msg: '[orders] placed' },
      ],
      [{ level: 'error', logger: 'stock' }, { msg: 'none left' }],
    ],
  },
  {
    does: "formatters and isoTime: level and time are the logger's, whatever a record has",
    program: 'formatters.mjs',
    arrives: [[{ level: 'WARN' }, { node: { hostname: host }, order: { id: 7 }, level: 'silver', msg: 'placed' }]],
  },
  {
    does: 'the layout of Elasticsearch',
    program: 'layout.mjs',
    flags: ['--level-key', 'log.level', '--time-key', '@timestamp', '--message-key', 'message', '--body', 'message'],
    arrives: [[{ level: 'error' }, 'ordered']],
  },
  {
    does: 'mixins: a context and a field as headers',
    program: 'mixin.mjs',
    flags: ['--context-path', 'ctx', '--context-include', 'tenant', '--header-field', 'mixedIn=mixedIn'],
    arrives: [
      [
        { level: 'info', mixedIn: '30', tenant: 'acme' },
        { ctx: { tenant: 'acme', secret: 'x' }, msg: 'within' },
      ],
      [{ level: 'info', mixedIn: '30' }, { msg: 'without' }],
    ],
  },
  {
    does: 'redaction, by pino and by us: in body and headers',
    program: 'redaction.mjs',
    flags: [
      '--redact',
      'token,users[*].email',
      '--header-field',
      'user=user',
      '--header-field',
      'token=token',
      '--header-field',
      'card=card.number',
    ],
    arrives: [
      [
        { level: 'info', user: '{"id":7,"password":"***"}', token: '[redacted]', card: '***' },
        { user: { id: 7, password: '***' }, token: '[redacted]', users: [{ email: '[redacted]', id: 1 }] },
      ],
    ],
  },
  {
    does: 'nested records, errors with causes, text of several lines',
    program: 'record.mjs',
    arrives: [
      [
        { level: 'error' },
        /"payload":\{"failure":\{"type":"Error","message":"out: in",.*"msg":"failed a 1 \{\\"b\\":2\}"/,
      ],
      [{ level: 'info' }, /"big":12345678901234567890,"text":"line\\nline \\u001b\[31m"\}\}$/],
    ],
  },
];

const ways = ['worker', 'in process', 'command'] as const;

for (const way of ways) {
  describe(`pino, ${way}`, { concurrency: 2 }, () => {
    for (const cell of cells) {
      it(cell.does, async () => assertCell(cell, await run(cell, way)));
    }
  });
}

function run({ program, flags = [] }: Cell, way: (typeof ways)[number]): Promise<readonly Arrival[]> {
  const into = way === 'command' ? [command, ...flags] : undefined;
  return arrivals(`pino/${program}`, { args: [way], ...(into && { into }) });
}

function assertCell({ of, arrives }: Cell, all: readonly Arrival[]): void {
  // A framework may make several loggers, each with a worker of its own: what one sends may come before what another does.
  const events = of === undefined ? all : of.flatMap((msg) => all.filter((event) => String(fields(event).msg) === msg));
  assert.equal(events.length, arrives.length, JSON.stringify(all, undefined, 1));
  for (const [index, [expected, body]] of arrives.entries()) {
    const event = events[index] as Arrival;
    const { timestamp, ...headers } = event.headers;
    assert.deepEqual(headers, { host, ...expected });
    assert.ok(Math.abs(Number(timestamp) - Date.now()) < 120_000, timestamp);
    if (typeof body === 'string') assert.equal(event.body, body);
    else if (body instanceof RegExp) assert.match(event.body, body);
    else assert.deepEqual({ ...fields(event), ...body }, fields(event));
  }
}
