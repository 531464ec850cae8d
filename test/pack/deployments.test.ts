// Applications as they are taken to where they run: bundled for AWS Lambda, as Node's single executable, and with NestJS.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installApplication, newest, received } from './application.ts';
import { run } from './command.ts';
import { readmeCode } from './readme.ts';
import { nodes, toolFile } from './tools.ts';

const application = await installApplication({
  ...newest,
  '@nestjs/common': '11.2.10',
  '@nestjs/core': '11.2.10',
  '@types/node': '20.19.43',
  'nest-winston': '2.0.0',
  'nestjs-pino': '4.6.1',
  'pino-http': '11.0.0',
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
});
await application.link('esbuild');
for (const program of ['lambda.mjs', 'lambda-host.cjs', 'nest.ts']) await application.copy(program);

const twice = ['pino 1', 'pino 2', 'winston 1', 'winston 2'];

test('AWS Lambda, an ES module by the lines of the README', async () => {
  await application.write('lambda.config.mjs', await readmeCode('pino', 'lambda.config.mjs'));
  await application.node(['lambda.config.mjs']);
  assert.deepEqual(await callTwice('dist/index.mjs'), twice);
});

test('AWS Lambda, CommonJS and minified', async () => {
  await bundle('lambda.mjs', 'dist/index.cjs', '--minify');
  assert.deepEqual(await callTwice('dist/index.cjs'), twice);
});

test('a single executable', async () => {
  await application.write(
    'executable.mjs',
    "import { handler } from './lambda.mjs';\nhandler({ id: 1 }).then(() => process.exit());",
  );
  await bundle('executable.mjs', 'dist/executable.cjs');
  await application.write('sea.json', JSON.stringify({ main: 'dist/executable.cjs', output: 'executable' }));
  // Older ones need a tool besides.
  const { file: node = '' } = nodes.at(-1) ?? {};
  await application.node(['--build-sea', 'sea.json'], { node });
  const messages = await received((port) =>
    run(application.path('executable'), [], { cwd: application.folder, env: { FLUME_PORT: port } }),
  );
  assert.deepEqual(messages, ['pino 1', 'winston 1']);
});

test('NestJS, compiled from TypeScript: nest-winston, and nestjs-pino with a worker', async () => {
  const settings = ['--module', 'commonjs', '--moduleResolution', 'node10', '--target', 'es2022', '--esModuleInterop'];
  const decorators = ['--experimentalDecorators', '--emitDecoratorMetadata', '--skipLibCheck', '--types', 'node'];
  await application.node([toolFile('typescript', 'tsc'), ...settings, ...decorators, 'nest.ts']);
  const messages = await received((port) => application.node(['nest.js'], { env: { FLUME_PORT: port } }));
  assert.deepEqual(
    messages.filter((message) => ['pino', 'winston'].includes(message)),
    ['pino', 'winston'],
  );
});

function bundle(entry: string, file: string, ...flags: string[]): Promise<unknown> {
  const args = [entry, '--bundle', '--platform=node', `--outfile=${file}`, '--log-level=error', ...flags];
  return application.node([toolFile('esbuild'), ...args]);
}

function callTwice(file: string): Promise<string[]> {
  return received((port) => application.node(['lambda-host.cjs', `./${file}`], { env: { FLUME_PORT: port } }));
}
