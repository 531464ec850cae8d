// On what a run was made, so that its figures can be read later and elsewhere.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Of the minute before the run: what else the machine was doing. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
}

const bench = path.join(import.meta.dirname, '..');

/** @param others with the versions of Java, Python and Flume */
export function thisMachine(others: boolean): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    load: Math.round(10 * (loadavg()[0] ?? 0)) / 10,
    versions: { node: process.versions.node, ...peerVersions(), ...(others ? otherVersions() : {}) },
  };
}

function peerVersions(): Record<string, string> {
  const named = (file: string) => Object.keys(JSON.parse(readFileSync(file, 'utf8')).dependencies as object);
  const installed = (folder: string, name: string): [string, string] => {
    const file = path.join(folder, 'node_modules', name, 'package.json');
    return [name, (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version];
  };
  return Object.fromEntries([
    installed(path.join(bench, '..'), 'thrift'),
    ...named(path.join(bench, 'package.json')).map((name) => installed(bench, name)),
  ]);
}

function otherVersions(): Record<string, string> {
  const said = (command: string, ...args: readonly string[]): string => {
    try {
      return execFileSync(command, args, { encoding: 'utf8' }).trim();
    } catch {
      return 'unknown';
    }
  };
  const library = 'import importlib.metadata as m; print(m.version("thrift"))';
  return {
    Java: /\d[\d.]*/.exec(said('java', '--version'))?.[0] ?? 'unknown',
    Python: /\d[\d.]*/.exec(said('/usr/bin/python3', '--version'))?.[0] ?? 'unknown',
    'thrift for Python': said('/usr/bin/python3', '-c', library),
    Flume: '1.11.0',
    libthrift: '0.14.1',
  };
}
