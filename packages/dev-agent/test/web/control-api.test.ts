import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import type { DevAgent, DevAgentOptions } from '../../src/index.ts';
import { startDevAgent } from '../../src/index.ts';
import type { EventPage, EventView } from '../../src/web/event-reader.ts';
import type { StreamedEvents } from '../../src/web/event-stream.ts';
import { expectNothingLeftOpen } from '../left-open.ts';
import { encodeCall, RawClient } from '../raw-client.ts';
import { call, postJson, stream } from './http.ts';

expectNothingLeftOpen();

interface Pair {
  readonly agent: DevAgent;
  readonly client: RawClient;
  /** Sends one batch and waits for its answer, which is returned. */
  readonly send: (...events: [headers: Record<string, string>, body: string | Buffer][]) => Promise<number | undefined>;
}

async function pair(t: TestContext, options: DevAgentOptions = {}): Promise<Pair> {
  const agent = await startDevAgent({ port: 0, ui: 0, ...options });
  const client = await RawClient.connect({ port: agent.port });
  t.after(async () => {
    await client.destroy();
    await agent.close();
  });
  const send: Pair['send'] = async (...events) => {
    client.send(encodeCall(events.map(([headers, body]) => ({ headers, body }))));
    return (await client.reply()).status;
  };
  return { agent, client, send };
}

const numbersOf = ({ events }: EventPage): number[] => events.map(({ number }) => number);

describe('GET /api/events', () => {
  it('shows what came: number, time, connection, level, headers, body', async (t) => {
    const { agent, send } = await pair(t);
    const before = Date.now();
    await send([{ level: 'WARN', app: 'shop' }, 'slow'], [{}, Buffer.from([0xff, 0])]);
    const { status, headers, json } = await call(agent, 'GET /api/events');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'application/json');
    const { events, ...rest } = json as EventPage;
    assert.deepEqual(rest, { first: 1, next: 3, letGo: 0, more: false });
    const [one, two] = events as [EventView, EventView];
    assert.ok(one.atMs >= before && one.atMs <= Date.now(), 'its time');
    assert.deepEqual(
      [one, two],
      [
        {
          number: 1,
          atMs: one.atMs,
          connection: 1,
          level: 'warn',
          headers: { level: 'WARN', app: 'shop' },
          body: 'slow',
          bytes: 4,
        },
        { number: 2, atMs: two.atMs, connection: 1, headers: {}, bodyBase64: '/wA=', bytes: 2 },
      ],
    );
    assert.deepEqual((await call(agent, 'GET /api/events/2')).json, two);
    assert.equal((await call(agent, 'GET /api/events/3')).status, 404);
    assert.equal(((await call(agent, 'GET /api/events/1?preview=1')).json as EventView).body, 's');
    const body = await call(agent, 'GET /api/events/1/body');
    assert.deepEqual([body.text, body.headers['content-type']], ['slow', 'application/octet-stream']);
  });

  it('filters by text, headers and level', async (t) => {
    const { agent, send } = await pair(t);
    await send(
      [{ level: 'error', app: 'a' }, 'Disk FULL'],
      [{ level: 'info', app: 'a', path: '/disk' }, 'ok'],
      [{ level: '50', app: 'b' }, 'x'],
      [{ 'flume.client.log4j.log.level': '40000', app: '' }, 'y'],
    );
    const table: [query: string, numbers: number[]][] = [
      ['', [1, 2, 3, 4]],
      ['text=disk', [1, 2]],
      ['text=full', [1]],
      ['header.app=a', [1, 2]],
      ['header.app=a&header.app=b', [1, 2, 3]],
      ['header.app=a&header.level=info', [2]],
      ['header.path=', [2]],
      ['header.constructor=', []],
      ['level=error', [1, 3, 4]],
      ['level=error&level=info', [1, 2, 3, 4]],
      ['level=error&text=x&header.app=b', [3]],
    ];
    for (const [query, numbers] of table) {
      assert.deepEqual(numbersOf((await call(agent, `GET /api/events?${query}`)).json), numbers, query);
      const only = (await call(agent, `GET /api/events?only=numbers&${query}`)).json as { numbers: number[] };
      assert.deepEqual(only.numbers, numbers, query);
    }
  });

  it('pages upwards and downwards, and says whether there is more', async (t) => {
    const { agent, send } = await pair(t);
    await send(...Array.from({ length: 10 }, (_, n): [Record<string, string>, string] => [{}, String(n + 1)]));
    const page = async (query: string): Promise<[number[], boolean]> => {
      const { json } = await call(agent, `GET /api/events?${query}`);
      return [numbersOf(json), (json as EventPage).more];
    };
    assert.deepEqual(await page('limit=3'), [[1, 2, 3], true]);
    assert.deepEqual(await page('after=3&limit=3'), [[4, 5, 6], true]);
    assert.deepEqual(await page('after=7'), [[8, 9, 10], false]);
    assert.deepEqual(await page('after=10'), [[], false]);
    assert.deepEqual(await page('before=11&limit=2'), [[10, 9], true]);
    assert.deepEqual(await page('before=9&limit=99'), [[8, 7, 6, 5, 4, 3, 2, 1], false]);
    assert.deepEqual(await page('limit=0'), [[], true]);
  });

  it('cuts bodies to a preview, and never within a character', async (t) => {
    const { agent, send } = await pair(t);
    await send([{}, Buffer.from('a😀b')], [{}, Buffer.alloc(100, 0xff)], [{}, Buffer.from('äöü')]);
    const { json } = await call(agent, 'GET /api/events?preview=2');
    const shown = (json as EventPage).events.map(({ body, bodyBase64, bytes, cut }) => [
      body ?? bodyBase64,
      bytes,
      cut,
    ]);
    assert.deepEqual(shown, [
      ['a\ufffd', 6, true],
      ['//8=', 100, true],
      ['äö', 6, true],
    ]);
  });

  it('says how many were let go, and keeps the numbers of the rest', async (t) => {
    const { agent, send } = await pair(t, { keepEvents: 2 });
    await send([{}, '1'], [{}, '2'], [{}, '3']);
    const { json } = await call(agent, 'GET /api/events');
    assert.deepEqual(
      { ...(json as EventPage), events: numbersOf(json) },
      {
        first: 2,
        next: 4,
        letGo: 1,
        events: [2, 3],
        more: false,
      },
    );
    assert.equal((await call(agent, 'GET /api/events/1')).status, 404);
  });

  it('names a wrong parameter', async (t) => {
    const { agent } = await pair(t);
    for (const [query, message] of [
      ['limit=-1', /^limit: expected an integer from 0 to 100000, got '-1'$/],
      ['after=x', /^after: expected an integer/],
      ['after=1&before=2', /^before: expected no after/],
      ['levle=error', /^levle: no such parameter; they are header\.NAME, after/],
      ['level=ERROR', /^level: expected one of trace, debug/],
    ] as const) {
      const { status, json } = await call(agent, `GET /api/events?${query}`);
      assert.equal(status, 400);
      assert.match((json as { error: string }).error, message);
    }
  });
});

describe('GET /api/export', () => {
  it('gives what matches as lines of JSON', async (t) => {
    const { agent, send } = await pair(t);
    await send([{ a: '1' }, 'x'], [{ a: '2' }, Buffer.from([0xff])], [{ a: '2' }, 'z']);
    const { text, headers } = await call(agent, 'GET /api/export?header.a=2');
    assert.equal(text, '{"headers":{"a":"2"},"body":"\ufffd","bodyBase64":"/w=="}\n{"headers":{"a":"2"},"body":"z"}\n');
    assert.equal(headers['content-disposition'], 'attachment; filename="events.jsonl"');
  });
});

describe('DELETE /api/events and /api/connections', () => {
  it('takes all out, makes room, and goes on counting', async (t) => {
    const { agent, send } = await pair(t, { capacity: 2, keepAliveMs: 0 });
    await send([{}, '1'], [{}, '2']);
    assert.equal(await send([{}, 'no room']), 1);
    assert.deepEqual((await call(agent, 'DELETE /api/events')).json, { removed: 2 });
    assert.equal(await send([{}, '3']), 0);
    assert.deepEqual(numbersOf((await call(agent, 'GET /api/events')).json), [3]);
    const gone = once(agent, 'disconnect');
    await call(agent, 'DELETE /api/connections');
    assert.deepEqual(await gone, [1, 'dropped']);
  });
});

describe('/api/script', () => {
  it('takes what script() takes, with words for what JSON has not, and shows what is left', async (t) => {
    const { agent, client, send } = await pair(t);
    const steps = ['failed', { repeat: 2, step: { delayMs: 5, then: 'error' } }, { rawBase64: 'aGV5' }];
    const set = await postJson(agent, '/api/script', [...steps, { repeat: 'forever', step: 'unknown' }]);
    const plan = [
      { step: 'failed', left: 1 },
      { step: '5 ms, then error', left: 2 },
      { step: 'raw bytes', left: 1 },
      { step: 'unknown', left: null },
    ];
    assert.deepEqual([set.status, set.json], [200, { stepsLeft: null, steps: plan }]);
    assert.deepEqual([await send([{}, '']), await send([{}, '']), await send([{}, ''])], [1, 2, 2]);
    client.send(encodeCall([]));
    assert.equal(String(await client.bytes(3)), 'hey');
    assert.deepEqual((await call(agent, 'GET /api/script')).json, { stepsLeft: null, steps: plan.slice(3) });
    await postJson(agent, '/api/script', []);
    assert.equal(await send([{}, '']), 0);
    assert.deepEqual((await call(agent, 'GET /api/script')).json, { stepsLeft: 0, steps: [] });
  });

  it('refuses what is wrong and says where, and nothing changes', async (t) => {
    const { agent } = await pair(t, { script: ['failed'] });
    const type = { 'content-type': 'application/json' };
    const deep = `${'[{"delayMs":1,"then":'.repeat(40_000)}`;
    for (const [body, headers, message] of [
      ['["fialed"]', type, /^script\[0\]: unknown step 'fialed'/],
      ['"ok"', type, /^script: expected an array/],
      ['[', type, /^the script is no JSON/],
      [deep, type, /^the script is no JSON/],
      ['[{"repeat":1e9,"step":"ok"},{"repeat":"x","step":"ok"}]', type, /^script\[1\]\.repeat/],
      ['[{"delayMs":2147483648}]', type, /^script\[0\]\.delayMs: expected an integer from 0 to 2147483647/],
      ['["ok"]', {}, /^Content-Type: expected application\/json/],
      ['["ok"]', { 'content-type': 'text/plain' }, /^Content-Type/],
      [`["${'x'.repeat(1024 * 1024)}"]`, type, /^the script is larger than 1048576 bytes/],
    ] as [string, Record<string, string>, RegExp][]) {
      const { status, json } = await call(agent, 'POST /api/script', { headers, body });
      assert.equal(status, 400, body.slice(0, 40));
      assert.match((json as { error: string }).error, message);
    }
    assert.equal(agent.stepsLeft, 1);
  });
});

describe('GET /api/stats', () => {
  it('counts events, calls, answers, connections and what is kept', async (t) => {
    const { agent, send } = await pair(t, { script: ['failed'] });
    await send([{}, 'refused']);
    await send([{}, 'four'], [{}, 'five5']);
    const { json } = await call(agent, 'GET /api/stats');
    const { nowMs, startedMs, latency, rates, kept, connections, ...stats } = json as Record<string, unknown>;
    assert.ok(Number(nowMs) >= Number(startedMs), 'times');
    assert.deepEqual(stats, {
      agent: {
        host: '127.0.0.1',
        port: agent.port,
        path: null,
        protocol: 'compact',
        framed: true,
        tls: false,
        conf: null,
      },
      accepted: 2,
      bytes: 9,
      calls: 2,
      open: 0,
      answers: { 'script: failed': 1, OK: 1 },
      script: { stepsLeft: 0, steps: [] },
    });
    assert.deepEqual(
      Object.values(latency as object).map((value) => typeof value),
      ['number', 'number', 'number'],
    );
    const sum = (name: string): number =>
      (rates as Record<string, number>[]).reduce((all, rate) => all + (rate[name] ?? 0), 0);
    assert.deepEqual([sum('events'), sum('bytes'), sum('calls')], [2, 9, 2]);
    assert.deepEqual({ ...(kept as object), bytes: 0 }, { events: 2, bytes: 0, letGo: 0, first: 1, next: 3 });
    const [connection] = connections as { sinceMs: number }[];
    assert.deepEqual({ ...connection, sinceMs: 0 }, { connection: 1, sinceMs: 0, calls: 2, events: 2 });
  });
});

describe('GET /api/stream', () => {
  it('tells of events as they come, of those that match, and of the stats', async (t) => {
    const { agent, send } = await pair(t);
    await send([{ a: '1' }, 'before']);
    const seen: string[] = [];
    let stats = 0;
    for await (const { event, data } of stream(agent, '/api/stream?header.a=1&limit=2')) {
      if (event === 'stats') {
        stats++;
        if (stats === 1) await send([{ a: '1' }, '1'], [{ a: '2' }, '2'], [{ a: '1' }, '3'], [{ a: '1' }, '4']);
        continue;
      }
      const { events, skipped, first, next } = data as StreamedEvents;
      seen.push(...events.map(({ body }) => String(body)), `${skipped} ${first} ${next}`);
      if (seen.includes('4')) break;
    }
    assert.deepEqual(seen.slice(-3), ['3', '4', '1 1 6']);
  });

  it('begins after a number, and tells of numbers alone', async (t) => {
    const { agent, send } = await pair(t);
    await send([{}, '1'], [{}, '2'], [{}, '3']);
    for await (const { event, data } of stream(agent, '/api/stream?after=1&only=numbers')) {
      if (event !== 'events') continue;
      assert.deepEqual(data, { first: 1, next: 4, events: [], numbers: [2, 3], skipped: 0 });
      break;
    }
  });

  it('says what was let go or cleared', async (t) => {
    const { agent, send } = await pair(t);
    await send([{}, '1']);
    for await (const { event, data } of stream(agent, '/api/stream?after=0')) {
      if (event !== 'events') continue;
      const { first, next } = data as StreamedEvents;
      if (first === 2) {
        assert.equal(next, 2);
        break;
      }
      await call(agent, 'DELETE /api/events');
    }
  });

  it('ends with the agent, and too many are refused', async () => {
    const agent = await startDevAgent({ port: 0, ui: 0 });
    const streams = Array.from({ length: 33 }, () => stream(agent, '/api/stream'));
    const first = await Promise.all(streams.slice(0, 32).map((one) => one.next()));
    assert.ok(first.every(({ value }) => value?.event === 'stats'));
    assert.equal((await call(agent, 'GET /api/stream')).status, 503);
    const ended = Promise.allSettled(streams.slice(0, 32).map((one) => one.next()));
    await agent.close();
    await ended;
    await Promise.all(streams.map((one) => one.return(undefined)));
  });
});

describe('who is let in', () => {
  it('addresses and localhost, and no page of others', async (t) => {
    const { agent } = await pair(t, { uiHost: '127.0.0.1' });
    const own = `127.0.0.1:${agent.uiPort}`;
    const table: [headers: Record<string, string>, status: number][] = [
      [{}, 200],
      [{ host: 'localhost:9' }, 200],
      [{ host: '[::1]:80' }, 200],
      [{ host: '192.168.0.7' }, 200],
      [{ host: 'evil.example' }, 403],
      [{ host: 'localhost.evil.example' }, 403],
      [{ host: 'localhost:80@evil.example' }, 403],
      [{ host: own, origin: `http://${own}` }, 200],
      [{ host: own, origin: 'http://localhost:3000' }, 403],
      [{ host: own, origin: 'https://evil.example' }, 403],
      [{ host: own, origin: 'null' }, 403],
      [{ 'sec-fetch-site': 'none' }, 200],
      [{ 'sec-fetch-site': 'same-origin' }, 200],
      [{ 'sec-fetch-site': 'same-site' }, 403],
      [{ 'sec-fetch-site': 'cross-site' }, 403],
    ];
    for (const [headers, status] of table) {
      for (const line of ['GET /api/events', 'GET /api/stats', 'DELETE /api/events', 'GET /api/export']) {
        assert.equal((await call(agent, line, { headers })).status, status, `${line} ${JSON.stringify(headers)}`);
      }
    }
    const { status } = await call(agent, 'POST /api/script', {
      headers: { origin: 'https://evil.example' },
      body: '[]',
    });
    assert.equal(status, 403);
    assert.equal((await call(agent, 'OPTIONS /api/script')).status, 404);
  });

  it('every answer forbids what is not needed', async (t) => {
    const { agent } = await pair(t);
    for (const line of ['GET /api/stats', 'GET /nope', 'GET /api/events?x=']) {
      const { headers } = await call(agent, line);
      assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'self';/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    }
  });

  it('loopback by default, and a port that is taken is an error', async () => {
    await using agent = await startDevAgent({ port: 0, ui: 0 });
    assert.ok((agent.uiPort ?? 0) > 0, 'a port');
    await assert.rejects(startDevAgent({ port: 0, ui: agent.uiPort }), { code: 'EADDRINUSE' });
    await using without = await startDevAgent({ port: 0 });
    assert.equal(without.uiPort, undefined);
    await assert.rejects(startDevAgent({ uiHost: 'x' }), { message: /^ui: expected a port, since uiHost/ });
  });
});

describe('the option conf', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'flume-conf-'));
  const file = path.join(folder, 'a1.conf');
  process.on('exit', () => rmSync(folder, { recursive: true }));
  const text = `a1.sources = r1
a1.sources.r1.type = thrift
a1.sources.r1.channels = c1
a1.channels = c1
a1.channels.c1.type = memory
a1.sinks = k1
a1.sinks.k1.type = hdfs
a1.sinks.k1.channel = c1
a1.sinks.k1.hdfs.path = /logs/%{app}/%Y
a1.sinks.k1.hdfs.timeZone = UTC
`;

  it('shows where each event would go', async (t) => {
    writeFileSync(file, text);
    const { agent, send } = await pair(t, { conf: file });
    await send([{ app: 'shop', timestamp: '1763802525123' }, ''], [{}, '']);
    const { events } = (await call(agent, 'GET /api/events')).json as EventPage;
    assert.deepEqual(events[0]?.route, {
      source: 'r1',
      oneOf: false,
      notes: [],
      channels: [
        { channel: 'c1', optional: false, sinks: [{ sink: 'k1', type: 'hdfs', place: '/logs/shop/2025/FlumeData' }] },
      ],
    });
    assert.match(String(events[1]?.route?.channels[0]?.sinks[0]?.warning), /needs a header timestamp/);
  });

  it('says what is wrong with the file', async () => {
    await assert.rejects(startDevAgent({ port: 0, ui: 0, conf: '/no/such' }), { message: /^conf: \/no\/such: ENOENT/ });
    writeFileSync(file, text.replace('thrift', 'avro'));
    const message = /^conf: .*a1\.conf: the agent a1 has no Thrift source$/;
    await assert.rejects(startDevAgent({ port: 0, ui: 0, conf: file }), { message });
    await assert.rejects(startDevAgent({ port: 0, ui: 0, conf: file, confAgent: 'a2' }), { message: /no agent a2/ });
  });
});
