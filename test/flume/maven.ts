// Fetches Apache Flume from Maven Central into a cache folder, and finds Java, for the tests against real agents.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The last release, the one before its Thrift library changed, and the oldest that many sites still run. */
export const flumeVersions = ['1.11.0', '1.9.0', '1.7.0'] as const;

export type FlumeVersion = (typeof flumeVersions)[number];

const pom = path.join(import.meta.dirname, 'pom.xml');
const cacheFolder = path.join(import.meta.dirname, '../../.cache/flume');

/** Fetches what a version needs, unless the cache already has it; says on stdout how far it is. */
export async function installFlume(version: FlumeVersion, cache = cacheFolder): Promise<void> {
  requireJava();
  if (isInstalled(version, cache)) return;
  const folder = path.join(cache, version);
  const partial = path.join(folder, `lib.${process.pid}`);
  mkdirSync(folder, { recursive: true });
  say(`Apache Flume ${version}: fetching from Maven Central (the first time this takes some minutes)`);
  try {
    await copyDependencies({ pom, profile: `flume-${version}`, what: `Apache Flume ${version}`, folder: partial });
    // The copy of the pom is written last: only then does the folder count as installed.
    rmSync(stampOf(version, cache), { force: true });
    rmSync(libOf(version, cache), { recursive: true, force: true });
    renameSync(partial, libOf(version, cache));
    writeFileSync(stampOf(version, cache), readFileSync(pom));
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  say(`Apache Flume ${version}: installed`);
}

/** The folder of jars for a version, as a class path; throws when it was not installed. */
export function flumeClasspath(version: FlumeVersion, cache = cacheFolder): string {
  if (!isInstalled(version, cache)) {
    throw new Error(`Apache Flume ${version} is not installed; run: node --import tsx test/flume/install.ts`);
  }
  return path.join(libOf(version, cache), '*');
}

/** A tool of the JDK: the one of JAVA_HOME where that is set, else the one on the PATH. */
export function javaTool(name: 'java' | 'javac' | 'keytool'): string {
  const home = process.env.JAVA_HOME;
  return home ? path.join(home, 'bin', name) : name;
}

/** Throws one line that says what to install when there is no Java: the suite fails then, it never skips. */
export function requireJava(): void {
  for (const tool of ['java', 'javac', 'keytool'] as const) {
    // `-help` and not `-version`, which keytool does not know; only whether it can be started matters.
    if (spawnSync(javaTool(tool), ['-help'], { stdio: 'ignore' }).error !== undefined) {
      throw new Error(
        `${javaTool(tool)} not found: the tests against real Flume agents need a JDK, 17 or later ` +
          '(Debian: apt-get install openjdk-17-jdk-headless)',
      );
    }
  }
}

const say = (line: string) => process.stdout.write(`${line}\n`);

const libOf = (version: FlumeVersion, cache: string) => path.join(cache, version, 'lib');
const stampOf = (version: FlumeVersion, cache: string) => path.join(cache, version, 'pom.xml');

// A changed pom counts as not installed, so that nobody has to know that there is a cache to be emptied.
function isInstalled(version: FlumeVersion, cache: string): boolean {
  const stamp = stampOf(version, cache);
  return existsSync(stamp) && existsSync(libOf(version, cache)) && readFileSync(stamp).equals(readFileSync(pom));
}

interface DependencyCopy {
  readonly pom: string;
  readonly profile: string;
  /** What is fetched, in words. */
  readonly what: string;
  readonly folder: string;
}

/** Copies the jars that a profile of a pom needs at run time into a folder; says on stdout how far it is. */
export function copyDependencies({ pom, profile, what, folder }: DependencyCopy): Promise<void> {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  const child = spawn('mvn', ['-B', '-f', pom, '-P', profile, ...goal], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let fetched = 0;
  let shown = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    fetched += text.split('Downloaded from').length - 1;
    if (fetched >= shown + 20) {
      shown = fetched;
      say(`${what}: ${fetched} files`);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const reason =
        cause.code === 'ENOENT'
          ? `mvn not found: fetching ${what} needs Maven (Debian: apt-get install maven)`
          : `mvn could not be started: ${cause.message}`;
      reject(new Error(reason, { cause }));
    });
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`mvn could not fetch ${what}: ${firstError(output)}`));
    });
  });
}

// Maven's first error line names the cause; what follows is advice on how to run Maven again.
function firstError(output: string): string {
  return /^\[ERROR\] (.+)$/m.exec(output)?.[1] ?? output.trim().slice(-500);
}
