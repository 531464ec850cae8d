// An application with winston-flume, and with pino-flume as the target of a worker, bundled by the lines that the README of
// pino-flume shows, and run where nothing is installed, beside a package.json of either kind.

import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Application, installApplication, received } from './application.ts';
import { run } from './command.ts';
import { readmeCode } from './readme.ts';

const application = await installApplication();
await application.write(
  'app.mjs',
  `import pino from 'pino';
  import winston from 'winston';
  import { FlumeTransport } from 'winston-flume';
  const options = { port: Number(process.argv[2]) };
  pino({ transport: { target: 'pino-flume', options } }).info('pino');
  winston.createLogger({ transports: [new FlumeTransport(options)] }).info('winston');`,
);

test('esbuild', async (t) => {
  await application.link('esbuild');
  await application.write('esbuild.config.mjs', await readmeCode('pino', 'esbuild.config.mjs'));
  const { stderr } = await application.node(['esbuild.config.mjs']);
  assert.doesNotMatch(stderr, /warning/i);
  await assertBundle(t, application);
});

test('webpack', async (t) => {
  await application.link('webpack');
  await application.write('webpack.config.mjs', await readmeCode('pino', 'webpack.config.mjs'));
  await application.write(
    'webpack.mjs',
    `import webpack from 'webpack';
    import config from './webpack.config.mjs';
    webpack(config, (error, stats) => console.log(error ?? stats.toString({ all: false, errors: true, warnings: true })));`,
  );
  const { stdout } = await application.node(['webpack.mjs']);
  assert.doesNotMatch(stdout, /ERROR|flume/, stdout);
  await assertBundle(t, application);
});

async function assertBundle(t: TestContext, { folder }: Application): Promise<void> {
  for (const type of ['commonjs', 'module']) {
    const elsewhere = await mkdtemp(path.join(tmpdir(), 'flume-bundle-'));
    t.after(() => rm(elsewhere, { recursive: true, force: true }));
    await cp(path.join(folder, 'dist'), elsewhere, { recursive: true });
    await writeFile(path.join(elsewhere, 'package.json'), JSON.stringify({ type }));
    const messages = await received((port) => run(process.execPath, ['app.cjs', port], { cwd: elsewhere }));
    assert.deepEqual(messages, ['pino', 'winston'], type);
  }
  await rm(path.join(folder, 'dist'), { recursive: true });
}
