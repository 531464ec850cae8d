// Makes the picture of the README, .cache/screenshots/readme.png: two loggers that log as services do, and one event looked at.
// It is copied to docs/images/dev-agent.png by hand, when somebody has looked at it.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { startDevAgent } from 'flume-dev-agent';
import pino from 'pino';
import { pinoFlume } from 'pino-flume';
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';
import { launch, openPage } from './browser.ts';

const folder = path.join(import.meta.dirname, '../../.cache/screenshots');

const configuration = `
a1.sources = r1
a1.sources.r1.type = thrift
a1.sources.r1.channels = logs alerts
a1.sources.r1.selector.type = multiplexing
a1.sources.r1.selector.header = level
a1.sources.r1.selector.mapping.error = logs alerts
a1.sources.r1.selector.default = logs
a1.channels = logs alerts
a1.channels.logs.type = file
a1.channels.alerts.type = memory
a1.sinks = hdfs kafka
a1.sinks.hdfs.type = hdfs
a1.sinks.hdfs.channel = logs
a1.sinks.hdfs.hdfs.path = hdfs://namenode/logs/%{app}/%Y-%m-%d/%H
a1.sinks.kafka.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.kafka.channel = alerts
a1.sinks.kafka.kafka.topic = alerts-%{app}
`;

/** Records of each second. */
const bursts = [4, 9, 14, 11, 17, 13];
const orders = ['order placed', 'payment authorised', 'cart updated', 'stock checked', 'mail queued'];

it('looks as in the README', async () => {
  mkdirSync(folder, { recursive: true });
  const conf = path.join(folder, 'a1.conf');
  writeFileSync(conf, configuration);
  await using agent = await startDevAgent({ port: 0, ui: 0, conf });
  const agents = `127.0.0.1:${agent.port}`;
  const browser = await launch();
  const { page, complaints } = await openPage(browser, agent.uiPort, '', { width: 1280, height: 980 });
  const fields = { order: 'order' };
  const transport = new FlumeTransport({ agents, headers: { app: 'shop' }, headerFields: fields });
  const shop = winston.createLogger({ level: 'debug', transports: [transport] });
  const stream = pinoFlume({ agents, headers: { app: 'billing' }, headerFields: { tenant: 'tenant' } });
  const billing = pino({ level: 'debug', base: null }, stream);

  for (let second = 0; second < 6; second++) {
    for (let n = 0; n < (bursts[second] ?? 0); n++) {
      const order = 8_100 + second * 20 + n;
      shop.info(orders[n % orders.length] ?? '', { order, ms: 3 + ((n * 7) % 40) });
      if (n % 3 === 0) billing.info({ tenant: n % 2 === 0 ? 'acme' : 'globex', order }, 'invoice sent');
      if (n % 6 === 5) shop.warn('payment is slow', { order, ms: 2_412 });
      if (n % 5 === 4) billing.debug({ tenant: 'acme' }, 'invoice rendered');
    }
    await Promise.all([transport.flush(), stream.flush()]);
    const { received } = agent;
    // The chart has a point for each second.
    await page.locator('#accepted', { hasText: received.toLocaleString('en') }).waitFor();
    await page.waitForTimeout(900);
  }
  const err = new Error('ledger: connection refused');
  err.stack = `${err}\n    at Ledger.post (src/ledger.ts:41:11)\n    at async bill (src/billing.ts:17:3)`;
  billing.error({ tenant: 'acme', order: 8_213, err }, 'invoice failed');
  await stream.flush();
  shop.info('order placed', { order: 8_214, ms: 12 });
  await transport.flush();
  await page.locator('.row.is-error').first().click();
  await page.getByText('alerts-billing').waitFor();
  await page.mouse.move(0, 0);
  await page.waitForTimeout(1_200);
  await page.screenshot({ path: path.join(folder, 'readme.png') });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.screenshot({ path: path.join(folder, 'readme-dark.png') });
  assert.deepEqual(complaints, []);
  await browser.close();
  shop.end();
  stream.end();
});
