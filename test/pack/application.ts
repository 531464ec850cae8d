// A user's application: a folder far from this repository, in which the packed packages are installed beside a winston and
// a pino.

import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { type DevAgent, startDevAgent } from 'flume-dev-agent';
import { type CommandOptions, run } from './command.ts';
import { packAll } from './tarballs.ts';
import { toolFile, toolFolder } from './tools.ts';

type PackageManager = 'npm' | 'pnpm' | 'yarn';

/** Exact versions of the loggers, and of whatever else the application needs. */
export type Dependencies = Readonly<Record<string, string>>;

export const newest = { winston: '3.19.0', pino: '10.4.0' };

const programs = path.join(import.meta.dirname, 'programs');
// At the start, so that they are there until the whole file is over.
const tarballs = await packAll();

/** Installs one, with every package of ours; gone after the test, or the test file, that asks for it. */
export async function installApplication(
  dependencies: Dependencies = newest,
  packageManager: PackageManager = 'npm',
): Promise<Application> {
  const ours = Object.fromEntries(tarballs.map(({ name, file }) => [name, `file:${file}`]));
  const folder = await mkdtemp(path.join(tmpdir(), 'flume-application-'));
  after(() => rm(folder, { recursive: true, force: true }));
  // Ours are not in a registry, so that what they say of each other needs to be told where that is.
  await writeFile(
    path.join(folder, 'package.json'),
    JSON.stringify({
      name: 'application',
      private: true,
      dependencies: { ...dependencies, ...ours },
      ...(packageManager === 'pnpm' && { pnpm: { overrides: ours } }),
      ...(packageManager === 'yarn' && { resolutions: ours }),
    }),
  );
  const application = new Application(folder);
  await installers[packageManager](application);
  return application;
}

/** Installs one of which a folder has a lock file, and adds every package of ours; gone after the test file. */
export async function lockedApplication(folder: string): Promise<Application> {
  const application = new Application(await mkdtemp(path.join(tmpdir(), 'flume-application-')));
  after(() => rm(application.folder, { recursive: true, force: true }));
  await cp(folder, application.folder, { recursive: true });
  const options = ['--ignore-scripts', '--prefer-offline'];
  const ours = tarballs.map(({ file }) => file);
  await run('npm', ['ci', ...options], { cwd: application.folder, timeoutMs: 300_000 });
  await run('npm', ['install', '--no-save', ...options, ...ours], { cwd: application.folder });
  return application;
}

const installers: Record<PackageManager, (application: Application) => Promise<unknown>> = {
  npm: ({ folder }) =>
    run('npm', ['install', '--strict-peer-deps', '--ignore-scripts', '--prefer-offline'], { cwd: folder }),
  pnpm: (application) => application.node([toolFile('pnpm'), 'install', '--strict-peer-dependencies']),
  async yarn(application) {
    // Without a lock file of its own it would look for a project in the folders above.
    await writeFile(path.join(application.folder, 'yarn.lock'), '');
    await application.node([toolFile('@yarnpkg/cli-dist', 'yarn'), 'install'], { env: await yarnSettings() });
  },
};

/** Yarn has settings of its own, also for where npm's registry is. */
async function yarnSettings(): Promise<Record<string, string>> {
  const registry = (await run('npm', ['config', 'get', 'registry'], { cwd: tmpdir() })).stdout.trim();
  return {
    YARN_NPM_REGISTRY_SERVER: registry,
    YARN_UNSAFE_HTTP_WHITELIST: new URL(registry).hostname,
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  };
}

export class Application {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Puts a program of this folder's `programs` there, under the same name or another. */
  copy(program: string, name: string = program): Promise<void> {
    return cp(path.join(programs, program), this.path(name), { recursive: true });
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(this.path(name), text);
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  path(...names: string[]): string {
    return path.join(this.folder, ...names);
  }

  /** Makes a tool importable there. */
  link(tool: string): Promise<void> {
    return symlink(toolFolder(tool), this.path('node_modules', tool));
  }

  /** Runs Node there, of this version or another. */
  node(
    args: readonly string[],
    { node = process.execPath, ...options }: Partial<CommandOptions> & { readonly node?: string } = {},
  ): Promise<{ stdout: string; stderr: string }> {
    // For those of its children that are found by the path.
    const PATH = `${path.dirname(node)}${path.delimiter}${process.env.PATH}`;
    return run(node, args, { cwd: this.folder, ...options, env: { PATH, ...options.env } });
  }
}

/** Runs something that logs to the port of a dev agent, and resolves with the messages that arrived, sorted. */
export async function received(log: (port: string) => Promise<unknown>): Promise<string[]> {
  const agent: DevAgent = await startDevAgent({ port: 0 });
  try {
    await log(String(agent.port));
    if (agent.connections > 0) await once(agent, 'disconnect');
    return agent.events.map(({ body }) => messageOf(String(body))).sort();
  } finally {
    await agent.close();
  }
}

/** What was logged: a record of winston or pino, or a bare text. */
export function messageOf(body: string): string {
  if (!body.startsWith('{')) return body;
  const { message, msg } = JSON.parse(body) as { message?: string; msg?: string };
  return message ?? msg ?? '';
}
