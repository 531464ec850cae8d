// What a package brings along: its files, their size, what it depends on, what runs at its installation, what is loaded
// when it is imported.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { suite, test } from 'node:test';
import { installApplication } from './application.ts';
import { packAll } from './tarballs.ts';
import { nodes } from './tools.ts';

const root = path.join(import.meta.dirname, '../..');

interface Expected {
  /** Most kilobytes, packed. */
  readonly size: number;
  readonly dependencies: readonly string[];
  /** The packages of which something is loaded by an import, where there is one. */
  readonly loads?: readonly string[];
}

const core = ['flume-thrift-client', 'thrift'];

const packages: Record<string, Expected> = {
  'flume-thrift-client': { size: 200, dependencies: ['thrift'], loads: core },
  'winston-flume': {
    size: 30,
    dependencies: ['flume-thrift-client', 'safe-stable-stringify', 'winston-transport'],
    loads: [
      ...core,
      'inherits',
      'readable-stream',
      'safe-stable-stringify',
      'triple-beam',
      'util-deprecate',
      'winston-flume',
      'winston-transport',
    ],
  },
  'pino-flume': {
    size: 40,
    dependencies: ['flume-thrift-client', 'pino-abstract-transport'],
    loads: [...core, 'pino-abstract-transport', 'pino-flume', 'split2'],
  },
  'flume-dev-agent': {
    size: 110,
    dependencies: ['node-int64', 'thrift'],
    loads: ['flume-dev-agent', 'thrift', 'node-int64', 'uuid', 'browser-or-node', 'isomorphic-ws', 'ws'],
  },
  'flume-tools': { size: 60, dependencies: ['flume-dev-agent', 'flume-thrift-client'] },
};

const application = await installApplication();
// Node's hooks on loading are there since 22.15.
const node = nodes.at(-1)?.file ?? '';
await application.write(
  'loads.mjs',
  `import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  const started = process.hrtime.bigint();
  await import(process.argv[2]);
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  console.log(JSON.stringify({ loaded, ms }));`,
);

for (const { name, room, size, contents } of await packAll()) {
  const expected = packages[name];
  assert.ok(expected !== undefined, name);
  const installed = (file: string): Promise<string> => application.read(`node_modules/${name}/${file}`);

  suite(name, () => {
    test('has its doors and commands, a README and the licence, and nothing else', async () => {
      const { exports, bin = {} } = JSON.parse(await installed('package.json')) as Manifest;
      const named = Array.from(JSON.stringify([exports, bin]).matchAll(/"\.\/(dist\/[^"]+)"/g), ([, file]) => file);
      const others = contents.filter((file) => !named.includes(file) && !/^(assets|generated|dist\/page)\//.test(file));
      const licences = others.filter((file) => file === 'dist/THIRD-PARTY-LICENSES.txt');
      const shared = others.filter((file) => /^dist\/[\w-]+(\.cjs|\.d\.cts)$/.test(file));
      const rest = ['LICENSE', 'README.md', 'package.json', ...licences, ...shared];
      assert.deepEqual(others.sort(), rest.sort());
      assert.equal(await installed('LICENSE'), await readFile(path.join(root, 'LICENSE'), 'utf8'));
    });

    test('its code says of which source it is', async () => {
      const sources = [];
      for (const file of contents.filter((one) => one.endsWith('.cjs'))) {
        const code = await installed(file);
        assert.doesNotMatch(code, /sourceMappingURL/, file);
        sources.push(...Array.from(code.matchAll(/^\/\/ (src\/\S+\.ts)$/gm), ([, source]) => source));
      }
      assert.ok(sources.length > 1);
      for (const source of sources) assert.ok(existsSync(path.join(root, 'packages', room, source ?? '')), source);
      assert.equal(new Set(sources).size, sources.length, 'no source is there twice');
    });

    test('is small', (t) => {
      t.diagnostic(`${(size / 1000).toFixed(1)} kB packed`);
      assert.ok(size <= expected.size * 1000, `${size} bytes`);
    });

    test('has few dependencies, and nothing runs at its installation', async (t) => {
      const { dependencies, scripts = {} } = JSON.parse(await installed('package.json')) as Manifest;
      assert.deepEqual(Object.keys(dependencies ?? {}).sort(), expected.dependencies);
      for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) assert.ok(!(hook in scripts), hook);
      const all = await withDependencies(name);
      for (const one of all) assert.equal(one.manifest.hasInstallScript, undefined, one.name);
      t.diagnostic(`${all.length - 1} packages come with it: ${all.map((one) => one.name).join(', ')}`);
    });

    const { loads } = expected;
    if (loads === undefined) return;
    test('loads little', async (t) => {
      const runs: Loads[] = [];
      for (let index = 0; index < 3; index++) {
        runs.push(JSON.parse((await application.node(['loads.mjs', name], { node })).stdout) as Loads);
      }
      t.diagnostic(`${Math.min(...runs.map(({ ms }) => ms)).toFixed(0)} ms`);
      const loaded = new Set((runs[0]?.loaded ?? []).flatMap((url) => /node_modules\/([^/]+)\//.exec(url)?.[1] ?? []));
      assert.deepEqual([...loaded].sort(), [...loads].sort());
    });
  });
}

interface Manifest {
  readonly exports?: object;
  readonly bin?: object;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts?: object;
  readonly hasInstallScript?: true;
}

interface Loads {
  readonly loaded: readonly string[];
  readonly ms: number;
}

/** The package and all that comes with it, without its peers. */
async function withDependencies(
  name: string,
): Promise<readonly { readonly name: string; readonly manifest: Manifest }[]> {
  const { packages: all } = JSON.parse(await application.read('node_modules/.package-lock.json')) as {
    packages: Record<string, Manifest>;
  };
  const found = new Map<string, Manifest>();
  const visit = (one: string): void => {
    const manifest = all[`node_modules/${one}`];
    if (manifest === undefined || found.has(one)) return;
    found.set(one, manifest);
    for (const dependency of Object.keys(manifest.dependencies ?? {})) visit(dependency);
  };
  visit(name);
  return [...found].map(([key, manifest]) => ({ name: key, manifest }));
}
