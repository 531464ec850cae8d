// Headers that come from records, in what a real Flume agent writes of them: one line for each event, whatever a record has.
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import pino from 'pino';
import { pinoFlume } from 'pino-flume';
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';
import { startChain } from './chain.ts';
import { startFlumeAgent } from './flume-agent.ts';

const ctx = { tenant: 'a\nb', 'odd name\n': 'x', topic: 'stray', ünï: '\u001b[31mred\u2028' };

test("file_roll writes a line for each event, whatever the record's values are", async (t) => {
  const agent = await startFlumeAgent({ sink: { type: 'file_roll', serializer: 'HEADER_AND_TEXT' } });
  t.after(() => agent.stop());
  const options = {
    agents: `${agent.host}:${agent.port}`,
    preset: 'none',
    context: { path: 'ctx' },
    headerFields: { text: 'text' },
    body: 'message',
  } as const;

  const transport = new FlumeTransport(options);
  winston.createLogger({ transports: transport }).info('from winston', { ctx, text: 'one\r\ntwo' });
  await transport.flush();
  const stream = pinoFlume(options);
  pino(stream).info({ ctx, text: 'one\r\ntwo' }, 'from pino');
  await stream.flush();
  await agent.metricsWhen(({ sink }) => sink.EventDrainSuccessCount === 2);

  // Java's map has an order of its own.
  const fields = '{odd_name_=x, _n_= [31mred , tenant=a b, text=one  two}'.slice(1, -1).split(', ').sort();
  const lines = agent.delivered().toString().trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => {
      const [, headers = '', body] = /^\{(.*)\} (.*)$/.exec(line) ?? [];
      return [headers.split(', ').sort(), body];
    }),
    [
      [fields, 'from winston'],
      [fields, 'from pino'],
    ],
  );
  transport.end();
  stream.end();
});

test('a compressed body passes through, and says what it is', async (t) => {
  const chain = await startChain({});
  t.after(() => chain.stop());
  const stream = pinoFlume({
    agents: `${chain.agent.host}:${chain.agent.port}`,
    preset: 'kafka',
    compress: 'gzip',
    body: 'message',
  });
  const text = 'é😀'.repeat(1_000);
  pino(stream).info(text);
  await stream.flush();
  const [event] = await chain.take(1);
  assert.equal(gunzipSync(event?.body ?? '').toString(), text);
  const { timestamp, ...headers } = event?.headers ?? {};
  assert.deepEqual(headers, { host: hostname(), key: hostname(), level: 'info', 'content-encoding': 'gzip' });
  assert.match(String(timestamp), /^\d{13}$/);
  stream.end();
});
