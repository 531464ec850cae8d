// An example as its user runs it: a process of its own, which finds its agent by FLUME_AGENT and tells by its own records
// where it listens.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { DevAgent } from 'flume-dev-agent';

const others = ['demo', 'node_modules'];

/** The examples by name: each has a folder. */
export const applications: readonly string[] = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !others.includes(entry.name))
  .map((entry) => entry.name);

const startTimeoutMs = 60_000;

export class Application {
  /** It serves requests; otherwise it does something and ends. */
  readonly isServer: boolean;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  readonly #url: Promise<string>;

  constructor(name: string, agent: DevAgent, output: 'inherit' | 'ignore' = 'inherit') {
    this.isServer = name !== 'pino-pretty';
    this.#child = spawn(process.execPath, ['--import', 'tsx', path.join(name, 'app.ts')], {
      cwd: import.meta.dirname,
      env: { ...process.env, FLUME_AGENT: `127.0.0.1:${agent.port}`, PORT: '0' },
      stdio: ['ignore', output, 'inherit'],
    });
    // A server is stopped by a signal, and ends by it.
    this.#ended = once(this.#child, 'exit').then(([status, signal]) => (signal === 'SIGTERM' ? 0 : (status as number)));
    this.#url = this.isServer ? this.#listening(agent) : Promise.resolve('');
  }

  /** @throws where the answer is not OK */
  async request(target: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const response = await fetch(`${await this.#url}${target}`, { headers });
    await response.text();
    if (!response.ok) throw new Error(`GET ${target}: ${response.status}`);
  }

  /** Stops a server, waits for the end. @returns the exit status, 0 also after SIGTERM */
  async end(): Promise<number> {
    if (this.isServer) this.#child.kill('SIGTERM');
    return await this.#ended;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #listening(agent: DevAgent): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('it does not say where it listens')), startTimeoutMs);
      agent.on('event', ({ body }) => {
        const [url] = /http:\/\/[\w.:[\]]+:\d+/.exec(body.toString()) ?? [];
        if (url === undefined) return;
        clearTimeout(timer);
        resolve(url.replace('[::1]', 'localhost'));
      });
      void this.#ended.then((status) => {
        clearTimeout(timer);
        reject(new Error(`it ended with ${status}`));
      });
    });
  }
}
