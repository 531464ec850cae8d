// The development agent's page in a real browser, fed by real loggers.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type DevAgent, type DevAgentOptions, startDevAgent } from 'flume-dev-agent';
import { FlumeClient } from 'flume-thrift-client';
import pino from 'pino';
import { pinoFlume } from 'pino-flume';
import type { Browser, Page } from 'playwright-core';
import winston from 'winston';
import { FlumeTransport } from 'winston-flume';
import { launch, type OpenedPage, openPage, type View } from './browser.ts';

const screenshots = path.join(import.meta.dirname, '../../.cache/screenshots');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
before(async () => {
  mkdirSync(screenshots, { recursive: true });
  browser = await launch();
});
after(() => browser?.close());

interface Stage extends OpenedPage, AsyncDisposable {
  readonly agent: DevAgent;
  readonly client: FlumeClient;
  /** Rows as they are read: level, body and chips. */
  readonly rows: () => Promise<string[]>;
}

/** An agent, its page, and a client; all are gone at the end of the scope. */
async function stage(options: DevAgentOptions = {}, hash = '', view?: View): Promise<Stage> {
  const agent = await startDevAgent({ port: 0, ui: 0, ...options });
  const client = new FlumeClient({ host: '127.0.0.1', port: agent.port });
  const opened = await openPage(browser, agent.uiPort, hash, view);
  return {
    ...opened,
    agent,
    client,
    rows: async () => (await opened.page.locator('.row').allInnerTexts()).map((text) => text.replaceAll('\n', ' ')),
    async [Symbol.asyncDispose]() {
      await opened.page.context().close();
      await client.close();
      await agent.close();
      // A policy that was broken, an error, a request to elsewhere.
      assert.deepEqual(opened.complaints, []);
    },
  };
}

const event = (level: string, body: string | Uint8Array, headers: Record<string, string> = {}) => {
  return { headers: { level, ...headers }, body };
};

/** Waits until so many rows are there. */
async function rowsAre(page: Page, count: number): Promise<void> {
  await page
    .locator('.row .time')
    .nth(count - 1)
    .waitFor();
  await page.locator('.row').nth(count).waitFor({ state: 'detached' });
}

describe('the page', () => {
  it('shows the events of winston and pino as they come, newest first', async () => {
    await using one = await stage();
    const { agent, page } = one;
    await page.getByText(`Waiting for events at 127.0.0.1:${agent.port}`).waitFor();
    const transport = new FlumeTransport({ agents: `127.0.0.1:${agent.port}`, headers: { app: 'shop' } });
    const logger = winston.createLogger({ transports: [transport] });
    logger.info('order placed', { orderId: 17 });
    await transport.flush();
    await rowsAre(page, 1);
    const stream = pinoFlume({ agents: `127.0.0.1:${agent.port}`, headers: { app: 'billing' } });
    pino(stream).error(new Error('card declined'));
    await stream.flush();
    await rowsAre(page, 2);
    const [newest = '', oldest = ''] = await one.rows();
    assert.match(newest, /^\d\d:\d\d:\d\d\.\d{3} ERROR card declined .*app=billing/);
    assert.match(oldest, /^\d\d:\d\d:\d\d\.\d{3} INFO order placed .*app=shop/);
    await page.locator('#accepted', { hasText: /^2$/ }).waitFor();
    assert.equal(await page.locator('#connections tr').count(), 2);
    logger.end();
    stream.end();
  });

  it('filters by text, level and a click on a header, and its address keeps that', async () => {
    await using one = await stage();
    const { client, page } = one;
    await client.appendBatch([
      event('info', 'order placed', { app: 'shop' }),
      event('error', 'Disk full', { app: 'shop' }),
      event('error', 'card declined', { app: 'billing' }),
    ]);
    await rowsAre(page, 3);
    await page.locator('#levels').getByText('error').click();
    await rowsAre(page, 2);
    await page.getByText('app=shop').first().click();
    await rowsAre(page, 1);
    assert.equal(await page.locator('#count').innerText(), '1 match');
    assert.match(page.url(), /#level=error&header\.app=shop$/);
    // What comes now is filtered too.
    await client.appendBatch([event('error', 'again', { app: 'shop' }), event('info', 'not this', { app: 'shop' })]);
    await rowsAre(page, 2);
    await page.reload();
    await rowsAre(page, 2);
    assert.equal(await page.locator('#export').getAttribute('href'), 'api/export?level=error&header.app=shop');
    await page.getByRole('button', { name: 'Remove the filter app=shop' }).click();
    await rowsAre(page, 3);
    await page.locator('#levels').getByText('error').click();
    await page.getByRole('searchbox').fill('DISK');
    await rowsAre(page, 1);
    assert.match((await one.rows()).join(), /Disk full/);
    await page.getByRole('searchbox').fill('nothing like that');
    await page.getByText('No event matches.').waitFor();
  });

  it('shows one event: JSON with the lines of its stack, text, hex, gzip unpacked; and a link to it', async () => {
    await using one = await stage();
    const { client, page } = one;
    const body = JSON.stringify({ msg: 'no', err: { stack: 'Error: no\n    at f (a.js:1)' } });
    await client.appendBatch([
      event('error', body),
      event('info', gzipSync('{"packed":true}')),
      event('info', 'plain'),
    ]);
    await rowsAre(page, 3);
    const panel = page.locator('#body-panel');
    await page.locator('.row').nth(2).click();
    await panel.getByText('at f (a.js:1)').waitFor();
    assert.match(await panel.innerText(), /"stack":\s*\n\s+Error: no\n\s+at f \(a\.js:1\)\n/);
    await page.getByRole('tab', { name: 'Hex' }).click();
    assert.match(await panel.innerText(), /^000000 {2}7b 22 6d 73 67 22 3a 22 {2}/);
    await page.getByRole('tab', { name: 'Hex' }).press('ArrowLeft');
    assert.equal(await panel.innerText(), body);
    await page.getByRole('button', { name: 'Copy as JSON line' }).click();
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    assert.deepEqual(JSON.parse(copied), { headers: { level: 'error' }, body });
    await page.getByRole('button', { name: 'Copy link' }).click();
    const link = await page.evaluate<string>('navigator.clipboard.readText()');
    await page.locator('.row').nth(1).click();
    await panel.getByText('"packed"').waitFor();
    assert.match(await panel.innerText(), /^gzip: \d+ B unpacked to 15 B\n/);
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByRole('heading', { name: 'Event 1 error' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#detail').waitFor({ state: 'hidden' });
  });

  it('never takes what events contain for markup', async () => {
    await using one = await stage();
    const { client, page } = one;
    const bad = '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202e';
    const headers = { [bad]: bad, level: bad };
    await client.appendBatch([
      { headers, body: bad },
      { headers, body: JSON.stringify({ [bad]: bad, msg: bad }) },
    ]);
    await rowsAre(page, 2);
    await page.locator('.row').first().click();
    await page.locator('.body-panel').waitFor();
    await page.locator('.header-list button').first().click();
    await rowsAre(page, 2);
    assert.equal(await page.locator('main img, main script, main iframe').count(), 0);
    assert.equal(await page.title(), 'flume-dev-agent');
    assert.match(await page.locator('#detail').innerText(), /<img src=x onerror=/);
  });

  it('sets a fault, shows that it is set, and the client is seen to recover', async () => {
    await using one = await stage();
    const { agent, page } = one;
    await page.getByText('every call').click();
    await page.getByRole('button', { name: 'FAILED' }).click();
    await page.getByText('The next answers are not normal: failed for every call').waitFor();
    const transport = new FlumeTransport({
      agents: `127.0.0.1:${agent.port}`,
      retry: { initialDelayMs: 20, maxDelayMs: 50 },
    });
    const logger = winston.createLogger({ transports: [transport] });
    logger.warn('tried again');
    await page.getByText(/script: failed \d/).waitFor();
    assert.equal(agent.received, 0);
    await page.screenshot({ path: path.join(screenshots, 'fault.png') });
    await page.getByRole('button', { name: 'Back to normal' }).click();
    await rowsAre(page, 1);
    await page.locator('#banner').waitFor({ state: 'hidden' });
    assert.match((await one.rows()).join(), /WARN tried again/);
    logger.end();
  });

  it('pauses and goes on, clears, and is driven by keys', async () => {
    await using one = await stage();
    const { client, page } = one;
    await client.append(event('info', 'one'));
    await rowsAre(page, 1);
    await page.keyboard.press('p');
    await client.append(event('info', 'two'));
    await page.getByText('paused, 1 more came').waitFor();
    assert.equal((await one.rows()).length, 1);
    await page.getByRole('button', { name: 'Resume' }).click();
    await rowsAre(page, 2);
    await page.keyboard.press('/');
    assert.equal(await page.evaluate('document.activeElement.id'), 'text');
    await page.locator('#list').focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('heading', { name: 'Event 2 info' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('heading', { name: 'Event 1 info' }).waitFor();
    assert.equal(await page.locator('#list').getAttribute('aria-activedescendant'), 'event-1');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Waiting for events').waitFor();
    await client.append(event('info', 'three'));
    await rowsAre(page, 1);
    await page.getByRole('option').click();
    await page.getByRole('heading', { name: 'Event 3 info' }).waitFor();
  });

  it('says that the agent is gone, and goes on when another is there', async () => {
    await using one = await stage();
    const { agent, page, complaints } = one;
    const { uiPort } = agent;
    await agent.close();
    await page.getByText('the agent is gone; waiting for it').waitFor();
    const again = await startDevAgent({ port: 0, ui: uiPort });
    const client = new FlumeClient({ host: '127.0.0.1', port: again.port });
    await client.append(event('info', 'of the new agent'));
    await rowsAre(page, 1);
    await page.context().close();
    await client.close();
    await again.close();
    // The browser says that connections were lost, and nothing else.
    const lost = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|Failed to fetch/;
    assert.deepEqual(
      complaints.splice(0).filter((text) => !lost.test(text)),
      [],
    );
  });

  it('holds 100,000 events with as many rows as the screen, and scrolls without a stutter', async () => {
    await using one = await stage();
    const { client, page } = one;
    for (let from = 1; from <= 100_000; from += 2_000) {
      await client.appendBatch(Array.from({ length: 2_000 }, (_, n) => event('info', `event ${from + n}`)));
    }
    await page.getByText('100,000 events').waitFor();
    const scrolled = await page.evaluate<{ most: number; median: number }>(scrollDown);
    assert.ok(scrolled.most < 80, `${scrolled.most} rows`);
    assert.ok(scrolled.median < 50, `${scrolled.median} ms from frame to frame`);
    await page.locator('#list').focus();
    await page.keyboard.press('End');
    await page.locator('.row').getByText('event 1', { exact: true }).waitFor();
    await page.evaluate('document.getElementById("list").scrollTop = 50_000 * 30');
    await page.locator('.row').getByText('event 50000', { exact: true }).waitFor();
    await page.getByRole('button', { name: '↑ newest' }).click();
    await page.locator('.row').getByText('event 100000', { exact: true }).waitFor();
  });

  it('weighs less than 150 kB, the chart included', async () => {
    await using one = await stage();
    const weight = await one.weight();
    assert.ok(weight > 50_000 && weight <= 150_000, `${weight} bytes`);
  });

  for (const [name, view] of [
    ['light', {}],
    ['dark', { colours: 'dark' }],
    ['narrow', { width: 390, height: 844 }],
    ['narrow and dark', { width: 390, height: 844, colours: 'dark' }],
  ] as const) {
    it(`is found accessible by axe: ${name}`, async () => {
      await using one = await stage({}, '', view);
      const { agent, client, page } = one;
      assert.deepEqual(await violations(page), [], 'empty');
      agent.script([{ repeat: 5, step: { delayMs: 1, then: 'ok' } }]);
      const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'none'];
      await client.appendBatch(
        levels.map((level) => event(level, `{"msg":"at ${level}","n":[1,"x\\ny",null]}`, { app: 'shop' })),
      );
      await rowsAre(page, levels.length);
      await page.locator('#banner').waitFor();
      assert.deepEqual(await violations(page), [], 'with events');
      await page.locator('.row .body').nth(1).click();
      await page.locator('.body-panel').waitFor();
      assert.deepEqual(await violations(page), [], 'with an event open');
      await page.screenshot({ path: path.join(screenshots, `${name.replaceAll(' ', '-')}.png`) });
      await page.keyboard.press('Escape');
      await page.getByRole('searchbox').fill('no such');
      await page.getByText('No event matches.').waitFor();
      assert.deepEqual(await violations(page), [], 'with nothing found');
    });
  }
});

/** What the browser does: scripts, since the types of its world are not those of Node.js. */
const scrollDown = `(async () => {
  const list = document.getElementById('list');
  const gaps = [];
  let most = 0;
  let last = performance.now();
  for (let frame = 0; frame < 120; frame++) {
    list.scrollTop += 700;
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const now = performance.now();
    gaps.push(now - last);
    last = now;
    most = Math.max(most, document.querySelectorAll('.row').length);
  }
  return { most, median: gaps.sort((one, other) => one - other)[60] };
})()`;

async function violations(page: Page): Promise<string[]> {
  // Colours that are on their way to others are none of either.
  await page.evaluate('document.getAnimations().forEach((animation) => animation.cancel())');
  // By the debugger, which the page's policy does not bind.
  await page.evaluate(`globalThis.axe ?? (() => { ${axeSource} })()`);
  const { violations: found } = await page.evaluate<{ violations: AxeViolation[] }>('axe.run()');
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}
