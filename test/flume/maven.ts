// Fetches Apache Flume from Maven Central into a cache folder, and finds Java, for the tests against real agents.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The last release, the one before its Thrift library changed, and the oldest that many sites still run. */
export const flumeVersions = ['1.11.0', '1.9.0', '1.7.0'] as const;

export type FlumeVersion = (typeof flumeVersions)[number];

const pom = path.join(import.meta.dirname, 'pom.xml');
const sinksPom = path.join(import.meta.dirname, 'sinks-pom.xml');
const cacheFolder = path.join(import.meta.dirname, '../../.cache/flume');

/** What the sinks of docs/flume.md need beside Flume, and a Kafka broker. */
export const sinkLibraries = ['hdfs-sink', 'kafka-sink', 'kafka-channel', 'kafka-broker'] as const;

export type SinkLibrary = (typeof sinkLibraries)[number];

/** Fetches what a version needs, unless the cache already has it; says on stdout how far it is. */
export async function installFlume(version: FlumeVersion, cache = cacheFolder): Promise<void> {
  requireJava();
  await install({
    pom,
    profile: `flume-${version}`,
    what: `Apache Flume ${version}`,
    folder: path.join(cache, version),
  });
}

/** The same for what the sinks need. */
export async function installSinkLibrary(name: SinkLibrary): Promise<void> {
  await install({ pom: sinksPom, profile: name, what: name, folder: path.join(cacheFolder, name) });
}

async function install({ pom, profile, what, folder }: DependencyCopy): Promise<void> {
  if (isInstalled(folder, pom)) return;
  const partial = path.join(folder, `lib.${process.pid}`);
  mkdirSync(folder, { recursive: true });
  say(`${what}: fetching from Maven Central (the first time this takes some minutes)`);
  try {
    await copyDependencies({ pom, profile, what, folder: partial });
    // The copy of the pom is written last: only then does the folder count as installed.
    rmSync(stampOf(folder), { force: true });
    rmSync(libOf(folder), { recursive: true, force: true });
    renameSync(partial, libOf(folder));
    writeFileSync(stampOf(folder), readFileSync(pom));
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  say(`${what}: installed`);
}

/** The folder of jars for a version, as a class path; throws when it was not installed. */
export function flumeClasspath(version: FlumeVersion, cache = cacheFolder): string {
  return jars(path.join(cache, version), pom);
}

/** The same for what a sink needs. */
export const sinkClasspath = (name: SinkLibrary): string => jars(path.join(cacheFolder, name), sinksPom);

function jars(folder: string, source: string): string {
  if (!isInstalled(folder, source)) {
    throw new Error(`nothing is installed in ${folder}; run: node --import tsx test/flume/install.ts`);
  }
  return path.join(libOf(folder), '*');
}

/** A tool of the JDK: the one of JAVA_HOME where that is set, else the one on the PATH. */
export function javaTool(name: 'java' | 'javac' | 'jcmd' | 'keytool'): string {
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

const libOf = (folder: string) => path.join(folder, 'lib');
const stampOf = (folder: string) => path.join(folder, 'pom.xml');

// A changed pom counts as not installed, so that nobody has to know that there is a cache to be emptied.
function isInstalled(folder: string, source: string): boolean {
  const stamp = stampOf(folder);
  return existsSync(stamp) && existsSync(libOf(folder)) && readFileSync(stamp).equals(readFileSync(source));
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
