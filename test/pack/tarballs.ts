// The packages as they would be published.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { run } from './command.ts';

export interface Tarball {
  /** The package's name. */
  readonly name: string;
  readonly file: string;
  /** Its folder below packages/. */
  readonly room: string;
  /** Bytes, packed. */
  readonly size: number;
  /** Bytes, unpacked. */
  readonly unpackedSize: number;
  /** Paths in the package. */
  readonly contents: readonly string[];
}

const rooms = {
  'flume-thrift-client': 'core',
  'flume-dev-agent': 'dev-agent',
  'winston-flume': 'winston',
  'pino-flume': 'pino',
  'flume-tools': 'tools',
} as const;

/** Packs all packages; gone after the test file. */
export async function packAll(): Promise<readonly Tarball[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flume-tarballs-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const { stdout } = await run(
    'npm',
    [
      'pack',
      '--json',
      '--ignore-scripts',
      '--pack-destination',
      folder,
      ...Object.keys(rooms).flatMap((name) => ['-w', name]),
    ],
    { cwd: path.join(import.meta.dirname, '../..') },
  );
  const packed = JSON.parse(stdout) as Packed[] | Record<string, Packed>;
  return Object.values(packed).map(({ name, filename, size, unpackedSize, files }) => ({
    name,
    file: path.join(folder, filename),
    room: rooms[name],
    size,
    unpackedSize,
    contents: files.map((file) => file.path),
  }));
}

interface Packed {
  readonly name: keyof typeof rooms;
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}
