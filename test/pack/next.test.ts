// Next.js with `output: 'standalone'`, as a Dockerfile takes it: built by both of its bundlers with the lines of the READMEs,
// and run where nothing else is.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { freePorts } from '../flume/ports.ts';
import { lockedApplication, received } from './application.ts';
import { readmeCode } from './readme.ts';

const builds = {
  'Next.js 15': { folder: 'next15', webpack: [], turbopack: ['--turbopack'] },
  'Next.js 16': { folder: 'next16', webpack: ['--webpack'], turbopack: [] },
} as const;

for (const [name, { folder, ...bundlers }] of Object.entries(builds)) {
  const application = await lockedApplication(path.join(import.meta.dirname, folder));
  await application.copy('next/app', 'app');
  await application.write('pino.config.mjs', await readmeCode('pino', 'next.config.mjs'));
  await application.write('winston.config.mjs', await readmeCode('winston', 'next.config.mjs'));
  await application.write(
    'next.config.mjs',
    `import pino from './pino.config.mjs';
    import winston from './winston.config.mjs';
    const serverExternalPackages = [...pino.serverExternalPackages, ...winston.serverExternalPackages];
    export default { ...pino, ...winston, serverExternalPackages };`,
  );

  for (const [bundler, flags] of Object.entries(bundlers)) {
    test(`${name}, ${bundler}`, async (t) => {
      const env = { NEXT_TELEMETRY_DISABLED: '1' };
      await application.node(['node_modules/next/dist/bin/next', 'build', ...flags], { env, timeoutMs: 600_000 });
      // By the bare import alone.
      assert.match(await application.read('.next/server/app/worker/route.js.nft.json'), /pino-flume/);
      const elsewhere = await mkdtemp(path.join(tmpdir(), 'flume-standalone-'));
      t.after(() => rm(elsewhere, { recursive: true, force: true }));
      await cp(application.path('.next/standalone'), elsewhere, { recursive: true, verbatimSymlinks: true });
      await rm(application.path('.next'), { recursive: true });
      assert.deepEqual(await received((port) => visit(elsewhere, port)), ['stream', 'winston', 'worker']);
    });
  }
}

/** Runs the server there, and asks for the pages that log. */
async function visit(folder: string, flumePort: string): Promise<void> {
  const [port] = await freePorts(1);
  const env = { ...process.env, PORT: String(port), HOSTNAME: '127.0.0.1', FLUME_PORT: flumePort };
  const server = spawn(process.execPath, ['server.js'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(server, 'close');
  let said = '';
  const ready = new Promise<void>((resolve) => {
    for (const output of [server.stdout, server.stderr]) {
      output.on('data', (chunk) => {
        said += chunk;
        if (said.includes('Ready')) resolve();
      });
    }
  });
  try {
    await Promise.race([ready, ended]);
    for (const page of ['worker', 'process']) {
      const response = await fetch(`http://127.0.0.1:${port}/${page}`).catch(() => undefined);
      assert.equal(await response?.text(), 'logged', said);
    }
  } finally {
    server.kill();
    await ended;
  }
}
