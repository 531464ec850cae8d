// Runs other programs as a user's shell would, with nothing of this repository or of the test runner in their environment.

import { execFile } from 'node:child_process';

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** @default 120000 */
  readonly timeoutMs?: number;
}

/**
 * Resolves with its output.
 *
 * @throws Error with all that it printed, where its status is not 0 or the time is over
 */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs = 120_000 }: CommandOptions,
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd,
      env: { ...cleanEnvironment(), ...env },
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: 64 * 1024 * 1024,
    } as const;
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ stdout, stderr });
      const ended = error.killed ? `killed after ${timeoutMs} ms` : `status ${error.code ?? error.signal}`;
      reject(new Error(`${command} ${args.join(' ')}: ${ended}\n${stdout}\n${stderr}`));
    });
  });
}

/** What `npm run` and `node --test` add would reach every program below them. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_(package|lifecycle)_|npm_config_local_prefix|NODE_(OPTIONS|PATH|TEST_CONTEXT)$)/.test(name),
    ),
  );
}
