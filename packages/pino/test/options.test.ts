import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { EmbeddedAgent, FlumeError } from 'flume-thrift-client';
import { loadMap } from '../src/map-module.ts';
import { resolveOptions } from '../src/options.ts';
import { flushNotice, type StartedWith } from '../src/pino-worker.ts';

type Where = Parameters<typeof resolveOptions>[1];

const programs = path.join(import.meta.dirname, 'programs');

test('wrong options, in words', () => {
  const table: [unknown, Where, string][] = [
    [{ agent: 'a:1' }, 'in process', 'agent: unknown option, did you mean agents?'],
    [{ map: './map.mjs' }, 'in process', 'map: expected a function, got "./map.mjs"'],
    [{ map: 7 }, 'worker', "map: expected a function or a module's path, got 7"],
    [{ body: 7 }, 'worker', "body: expected 'line', 'message' or a path, got 7"],
    [
      { closeTimeoutMs: 9_001 },
      'worker',
      'closeTimeoutMs: expected at most 9000 in a worker, which pino ends after 10 s, got 9001',
    ],
    [
      { flushTimeoutMs: 20_000 },
      'worker',
      'flushTimeoutMs: expected at most 9000 in a worker, which pino ends after 10 s, got 20000',
    ],
    [
      { levels: { notice: 'x' } },
      'in process',
      'levels: expected an object of numbers, as { notice: 35 }, got an object',
    ],
    [{ timeKey: '' }, 'worker', 'timeKey: expected a key\'s name, got ""'],
    [{ timekey: 't' }, 'worker', 'timekey: unknown option, did you mean timeKey?'],
    [{ statsIntervalMs: -1 }, 'worker', 'statsIntervalMs: expected an integer from 0 to 2147483647, got -1'],
    [{ customLevels: { notice: 35 } }, 'worker', 'customLevels: unknown option, here it is levels'],
    [{ level: 'info' }, 'worker', 'level: unknown option: a level stands beside the target, not among its options'],
    [{ propsToLabels: ['a'] }, 'worker', 'propsToLabels: unknown option, here it is headerFields'],
    ['flume-1:4141', 'worker', 'options: expected an object, got "flume-1:4141"'],
    [null, 'in process', 'options: expected an object, got null'],
  ];
  for (const [options, where, message] of table) {
    assert.throws(
      () => resolveOptions(options, where),
      (error) => {
        assert.ok(error instanceof FlumeError);
        assert.deepEqual([error.code, error.message], ['ERR_FLUME_OPTION', message]);
        return true;
      },
    );
  }
});

test('what pino adds, and options that are not there, are let through, wherever a transport is made', () => {
  const added = {
    $context: { threadStreamVersion: '4.2.1' },
    pinoWillSendConfig: true,
    levels: { notice: 35 },
    dedupe: true,
  };
  for (const where of ['worker', 'in process', 'command line'] as const) {
    const { delivery, own } = resolveOptions({ ...added, host: undefined }, where);
    assert.deepEqual(own.levels, { notice: 35 });
    // Nothing of it is left for the agent to refuse.
    void new EmbeddedAgent(delivery).close();
    assert.throws(() => resolveOptions({ ...added, dedup: true }, where), {
      code: 'ERR_FLUME_OPTION',
      message: /^dedup: unknown option/,
    });
  }
  // A transport of somebody's own, built on the core; elsewhere nobody has added these.
  void new EmbeddedAgent({ ...added } as object).close();
  for (const name of ['levels', 'dedupe', 'pinoWillSendConfig']) {
    assert.throws(() => new EmbeddedAgent({ [name]: true } as object), {
      message: new RegExp(`^${name}: unknown option`),
    });
  }
  // As pino takes them.
  assert.ok(resolveOptions({ levels: { notice: '35', silent: Infinity } }, 'worker').own.levels);
  resolveOptions(undefined, 'worker');
  resolveOptions({ closeTimeoutMs: 9_001, flushTimeoutMs: 60_000 }, 'in process');
  resolveOptions({ closeTimeoutMs: 9_000, map: () => null }, 'worker');
});

test('who may wait for a flush in vain is told, and by which thread-stream it is mended', () => {
  const alone = { $context: {} };
  const told = (version: string, started: StartedWith = alone): string => flushNotice(version, started) ?? '';
  for (const version of ['4.2.1', '4.3.0', '5.0.0']) assert.equal(told(version), '');
  for (const version of ['2.7.0', '3.2.0', '4.0.9']) {
    assert.match(told(version), /does not wait for Flume here; it does with thread-stream >= 4\.2\.1/);
  }
  for (const version of ['4.1.0', '4.2.0']) {
    assert.match(told(version), new RegExp(`may never call back with thread-stream ${version}; .* >= 4\\.2\\.1`));
  }
  assert.match(told('4.2.1', { targets: [{}, {}] }), /as the only target, without a level$/);
  assert.match(told('4.2.1', { targets: [{ level: 'info' }] }), /as the only target, without a level$/);
  assert.equal(told('4.2.1', { targets: [{}] }), '');
});

test('a map is loaded from a path, a file URL or a package, ESM or CommonJS', () => {
  assert.deepEqual(loadMap(path.join(programs, 'map.mjs'))({ n: 2, msg: 'x' }), { headers: { n: '2' }, body: 'x' });
  assert.deepEqual(loadMap(path.join(programs, 'map.cjs'))({ n: 2 }), { headers: { n: '2' } });
  assert.equal(loadMap(pathToFileURL(path.join(programs, 'map.mjs')).href)({ n: 1 }), null);
  assert.equal(typeof loadMap('pino'), 'function');
});

test('a map that cannot be loaded says which and why', () => {
  assert.throws(
    () => loadMap('/no/such/map.mjs'),
    /^FlumeError: map: cannot load "\/no\/such\/map\.mjs": Cannot find module/,
  );
  const wanted =
    /Cannot find module .* from the working directory .*; expected an absolute path, a package, or a file beside/;
  for (const name of ['./map.mjs', 'map.mjs', '../map.cjs']) assert.throws(() => loadMap(name), wanted);
  assert.throws(() => loadMap('./map.mjs'), /new URL\('\.\/map\.mjs', import\.meta\.url\)\.href$/);
  assert.throws(
    () => loadMap('node:constants'),
    /^FlumeError: map: expected the default export of "node:constants" to be a function/,
  );
});
