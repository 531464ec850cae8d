// What the packages may weigh, by size-limit and its configuration in budgets.json.

import assert from 'node:assert/strict';
import { cp, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { installApplication } from './application.ts';
import { nodes, toolFile, toolFolder } from './tools.ts';

const application = await installApplication();
const programs = {
  winston: `import winston from 'winston';
    import { FlumeTransport } from 'winston-flume';
    winston.createLogger({ transports: [new FlumeTransport()] }).info('hello');`,
  pino: `import pino from 'pino';
    import { pinoFlume } from 'pino-flume';
    pino(pinoFlume()).info('hello');`,
};
for (const [name, program] of Object.entries(programs)) {
  await application.write(`${name}.mjs`, program);
  const flags = ['--bundle', '--minify', '--platform=node', '--log-level=error', `--outfile=dist/${name}.cjs`];
  await application.node([toolFile('esbuild'), `${name}.mjs`, ...flags]);
}
await cp(path.join(import.meta.dirname, 'budgets.json'), application.path('.size-limit.json'));
// It looks for its parts where package.json says that they are.
const parts = { 'size-limit': '*', '@size-limit/file': '*' };
const manifest = JSON.parse(await application.read('package.json')) as object;
await application.write('package.json', JSON.stringify({ ...manifest, devDependencies: parts }));
await mkdir(application.path('node_modules/@size-limit'));
for (const part of Object.keys(parts)) await symlink(toolFolder(part), application.path('node_modules', part));

interface Weight {
  readonly name: string;
  readonly size: number;
  readonly sizeLimit: number;
}

// It is for newer versions of Node than the oldest that the packages are for.
const { file: node = '' } = nodes.at(-1) ?? {};
const { stdout } = await application.node([toolFile('size-limit'), '--json'], { node }).catch((error: Error) => {
  // Its status is 1 where a limit is exceeded; what it printed is the rest of the message.
  const json = error.message.slice(error.message.indexOf('['), error.message.lastIndexOf(']') + 1);
  return { stdout: json };
});

for (const { name, size, sizeLimit } of JSON.parse(stdout) as Weight[]) {
  test(name, (t) => {
    t.diagnostic(`${(size / 1000).toFixed(1)} kB`);
    assert.ok(size <= sizeLimit, `${size} bytes`);
  });
}
