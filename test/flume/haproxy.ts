// A real HAProxy in front of a port, for as long as a test runs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { guard } from './guard.ts';
import { accepts, freePorts } from './ports.ts';

export interface Haproxy extends AsyncDisposable {
  readonly port: number;
}

/** @param server what follows `server name address` in the configuration, as `send-proxy` */
export async function startHaproxy(backendPort: number, server = ''): Promise<Haproxy> {
  const [port] = (await freePorts(1)) as [number];
  const folder = mkdtempSync(path.join(tmpdir(), 'flume-haproxy-'));
  const shell = guard(folder);
  const config = path.join(folder, 'haproxy.cfg');
  writeFileSync(
    config,
    `defaults
  mode tcp
  timeout connect 1s
  timeout client 1m
  timeout server 1m
  retries 0
listen flume
  bind 127.0.0.1:${port}
  server agent 127.0.0.1:${backendPort} ${server}
`,
  );
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const child = spawn('haproxy', ['-db', '-f', config], { stdio: 'ignore', env });
  child.unref();
  const failed = once(child, 'exit').then(() =>
    Promise.reject(new Error('haproxy ended (Debian: apt-get install haproxy)')),
  );
  failed.catch(() => {});
  child.on('error', () => {});
  writeFileSync(path.join(folder, 'pid'), String(child.pid));
  const serves = async () => {
    while (!(await accepts(port))) await delay(20);
  };
  await Promise.race([serves(), failed]);
  return {
    port,
    async [Symbol.asyncDispose]() {
      const exit = once(shell, 'exit');
      shell.ref();
      shell.stdin?.end();
      await exit;
    },
  };
}
