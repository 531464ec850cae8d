// One of the demo's applications, in a process of its own.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AppMessage, AppReport } from './supervisor.ts';

const startTimeoutMs = 15_000;
// Above the time that the applications allow themselves.
const stopTimeoutMs = 12_000;

/** The application failed; `stderr` is what it said. */
export class AppFailure extends Error {
  readonly app: AppProcess;

  constructor(app: AppProcess, what: string) {
    super(`${app.file} ${what}`);
    this.app = app;
  }
}

export class AppProcess {
  readonly name: string;
  readonly file: string;
  /** Rejects with an AppFailure when the application ends before it was told to; never resolves. */
  readonly failed: Promise<never>;
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  readonly #listening: Promise<string>;
  #stderr = '';
  #url = '';
  #stopping = false;
  #report: AppReport | undefined;

  /** Starts `<name>-app.ts`, with a free port of its own. */
  constructor(name: string, agent: string) {
    this.name = name;
    this.file = `${name}-app.ts`;
    const child = fork(fileURLToPath(new URL(this.file, import.meta.url)), [], {
      env: { ...process.env, FLUME_AGENT: agent, PORT: '0' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#listening = new Promise((resolve) => {
      child.on('message', (message: AppMessage) => {
        if (message.kind === 'listening') resolve(message.url);
        else this.#report = message;
      });
    });
    this.#ended = new Promise((resolve) => {
      child.on('error', (error) => resolve(`cannot be started: ${error.message}`));
      // Not 'exit': what it wrote last is still to be read then.
      child.on('close', (code, signal) => resolve(`ended with ${signal ?? `exit status ${code}`}`));
    });
    this.failed = this.#watch();
    // Whoever waits for it is told; until somebody does, it is no unhandled rejection.
    this.failed.catch(() => {});
    process.on('exit', () => child.kill('SIGKILL'));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get url(): string {
    return this.#url;
  }

  get stderr(): string {
    return this.#stderr.trimEnd();
  }

  /** Resolves when it accepts requests at `url`. */
  async ready(): Promise<void> {
    const late = timeout(startTimeoutMs, () => new AppFailure(this, `did not listen within ${startTimeoutMs} ms`));
    try {
      this.#url = await Promise.race([this.#listening, this.failed, late.expired]);
    } finally {
      late.cancel();
    }
  }

  /**
   * Tells it to finish its requests, to flush its logs and to end.
   *
   * @throws AppFailure where it does not, or not in time
   */
  async stop(): Promise<AppReport> {
    this.#stopping = true;
    if (process.platform === 'win32') this.#child.send('stop');
    else this.#child.kill('SIGTERM');
    const late = timeout(stopTimeoutMs, () => new AppFailure(this, `did not end within ${stopTimeoutMs} ms`));
    try {
      const ending = await Promise.race([this.#ended, late.expired]);
      if (this.#report === undefined || ending !== 'ended with exit status 0') {
        throw new AppFailure(this, `was told to end and ${ending}`);
      }
      return this.#report;
    } finally {
      late.cancel();
    }
  }

  async #watch(): Promise<never> {
    const ending = await this.#ended;
    if (!this.#stopping) throw new AppFailure(this, ending);
    return new Promise(() => {});
  }
}

function timeout(ms: number, error: () => Error): { readonly expired: Promise<never>; cancel(): void } {
  let timer: NodeJS.Timeout;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(error()), ms);
  });
  return { expired, cancel: () => clearTimeout(timer) };
}
