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
  /** The packages of which something is loaded by an import. */
  readonly loads: readonly string[];
}

const core = ['fastest-levenshtein', 'flume-thrift-client', 'thrift', 'valibot'];

const packages: Record<string, Expected> = {
  'flume-thrift-client': { size: 200, dependencies: ['fastest-levenshtein', 'thrift', 'valibot'], loads: core },
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
    size: 50,
    dependencies: ['fastest-levenshtein', 'node-int64', 'thrift'],
    loads: ['flume-dev-agent', 'thrift', 'node-int64', 'uuid', 'browser-or-node', 'isomorphic-ws', 'ws'],
  },
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
    test('has what it is built of, a README and the licence, and nothing else', async () => {
      const built = contents.filter((file) => /^dist\/(esm|cjs)\/.+\.(js|d\.ts)$/.test(file));
      const others = contents.filter((file) => !built.includes(file) && !file.startsWith('generated/'));
      assert.deepEqual(others.sort(), ['LICENSE', 'README.md', 'dist/cjs/package.json', 'package.json']);
      for (const file of built) {
        const source = file.replace(/^dist\/(esm|cjs)/, 'src').replace(/(\.d)?\.[jt]s$/, '.ts');
        assert.ok(existsSync(path.join(root, 'packages', room, source)), `${file} has no source`);
        assert.doesNotMatch(await installed(file), /sourceMappingURL/, file);
      }
      assert.equal(await installed('LICENSE'), await readFile(path.join(root, 'LICENSE'), 'utf8'));
    });

    test('is small', (t) => {
      t.diagnostic(`${(size / 1000).toFixed(1)} kB packed`);
      assert.ok(size <= expected.size * 1000, `${size} bytes`);
    });

    test('has few dependencies, and nothing runs at its installation', async (t) => {
      const { dependencies, scripts } = JSON.parse(await installed('package.json')) as Manifest;
      assert.deepEqual(Object.keys(dependencies ?? {}).sort(), expected.dependencies);
      assert.equal(scripts, undefined);
      const all = await withDependencies(name);
      for (const one of all) assert.equal(one.manifest.hasInstallScript, undefined, one.name);
      t.diagnostic(`${all.length - 1} packages come with it: ${all.map((one) => one.name).join(', ')}`);
    });

    test('loads little', async (t) => {
      const runs: Loads[] = [];
      for (let index = 0; index < 3; index++) {
        runs.push(JSON.parse((await application.node(['loads.mjs', name], { node })).stdout) as Loads);
      }
      t.diagnostic(`${Math.min(...runs.map(({ ms }) => ms)).toFixed(0)} ms`);
      const loaded = new Set((runs[0]?.loaded ?? []).flatMap((url) => /node_modules\/([^/]+)\//.exec(url)?.[1] ?? []));
      assert.deepEqual([...loaded].sort(), [...expected.loads].sort());
    });
  });
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly scripts?: unknown;
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
