// The direction of imports: each room may import what is named for it, and lint refuses everything else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

const root = path.join(import.meta.dirname, '../..');
const core = 'packages/core/src';

const leaves = [
  'errors',
  'clock',
  'stats',
  'endpoint',
  'line-splitter',
  'private-file',
  'disk',
  'shown-value',
  'event/',
  'process/',
];
const low = [...leaves, 'options/', 'thrift/'];
const rooms = ['observe/', 'store/', 'channel/', 'rpc/', 'agents/', 'sink/', 'intake', 'dead-letter', 'last-delivery'];
const allowed: Readonly<Record<string, readonly string[]>> = {
  errors: leaves,
  clock: leaves,
  stats: leaves,
  endpoint: leaves,
  'line-splitter': leaves,
  'private-file': leaves,
  disk: leaves,
  'shown-value': leaves,
  'event/': leaves,
  'process/': leaves,
  'thrift/': leaves,
  'options/': leaves,
  'observe/': [...leaves, 'options/'],
  'spool/': leaves,
  'store/': [...low, 'spool/'],
  'channel/': [...low, 'store/'],
  'rpc/': low,
  'agents/': [...low, 'rpc/'],
  'sink/': [...low, 'agents/', 'channel/'],
  intake: [...low, 'channel/', 'dead-letter'],
  'dead-letter': [...low, 'channel/', 'dead-letter'],
  'last-delivery': [...low, 'channel/', 'agents/', 'dead-letter'],
  'flume-client': [...low, 'rpc/'],
  'embedded-agent': [...low, ...rooms],
};
const doors = ['index', 'loggers', 'opentelemetry', 'commands/'];
const places = [...Object.keys(allowed), ...doors];

const isFolder = (place: string): boolean => place.endsWith('/');
const fileOf = (place: string): string => (isFolder(place) ? `${place}room.ts` : `${place}.ts`);

/** Each import of another place, as `from → to`, that lint refused. */
function refusals(folder: string): Set<string> {
  const { stdout, stderr } = spawnSync(path.join(root, 'node_modules/.bin/oxlint'), ['--format', 'json'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  assert.notEqual(stdout, '', stderr);
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { code: string; filename: string; labels: { span: { line: number } }[] }[];
  };
  const refused = new Set<string>();
  for (const { code, filename, labels } of diagnostics) {
    if (!code.includes('no-restricted-imports')) continue;
    const lines = readFileSync(path.join(folder, filename), 'utf8').split('\n');
    for (const { span } of labels) refused.add(lines[span.line - 1]?.split(' // ')[1] ?? `? ${filename}`);
  }
  return refused;
}

describe('the direction of imports', () => {
  let folder = '';
  let refused = new Set<string>();

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'imports-'));
    const config = JSON.parse(readFileSync(path.join(root, '.oxlintrc.json'), 'utf8')) as {
      rules: Record<string, unknown>;
    };
    // What needs types is not asked here.
    config.rules = { 'no-restricted-imports': 'error' };
    writeFileSync(path.join(folder, '.oxlintrc.json'), JSON.stringify(config));
    const write = (file: string, lines: readonly string[]): void => {
      const name = path.join(folder, file);
      mkdirSync(path.dirname(name), { recursive: true });
      writeFileSync(name, lines.map((line) => `${line}\n`).join(''));
    };
    for (const from of places) {
      const up = isFolder(from) ? '../' : './';
      const others = places.filter((to) => to !== from);
      write(
        `${core}/${fileOf(from)}`,
        others.map((to) => `export * from '${up}${fileOf(to)}'; // ${from} → ${to}`),
      );
    }
    const foreign = ['flume-thrift-client/channel', '../../core/src/index.ts', 'flume-dev-agent'];
    for (const name of ['winston', 'pino', 'tools']) {
      write(
        `packages/${name}/src/room.ts`,
        foreign.map((to) => `export * from '${to}'; // ${name} → ${to}`),
      );
    }
    write('packages/dev-agent/src/room.ts', [
      "export * from 'flume-thrift-client'; // dev-agent → core",
      "export * from '../../core/src/index.ts'; // dev-agent → core/src",
    ]);
    refused = refusals(folder);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [from, to] of Object.entries(allowed)) {
    it(`${from} imports what is named for it, and nothing else`, () => {
      const others = places.filter((place) => place !== from);
      const expected = others.filter((place) => !to.includes(place)).map((place) => `${from} → ${place}`);
      assert.deepEqual([...refused].filter((pair) => pair.startsWith(`${from} → `)).sort(), expected.sort());
    });
  }

  it('options/ imports the names of protocols and the frame limit from thrift/, and no more', () => {
    const config = readFileSync(path.join(root, '.oxlintrc.json'), 'utf8');
    assert.match(config, /!\.\.\/thrift\/protocol\.ts/);
    assert.ok(refused.has('options/ → thrift/'));
  });

  it('the packages see doors only', () => {
    const expected = [];
    for (const name of ['winston', 'pino', 'tools']) {
      for (const to of ['flume-thrift-client/channel', '../../core/src/index.ts']) expected.push(`${name} → ${to}`);
    }
    for (const name of ['winston', 'pino']) expected.push(`${name} → flume-dev-agent`);
    expected.push('dev-agent → core', 'dev-agent → core/src');
    const found = [...refused].filter((pair) => /^(winston|pino|tools|dev-agent) → /.test(pair));
    assert.deepEqual(found.sort(), expected.sort());
  });
});
