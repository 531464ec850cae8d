// docs/support.md: the ranges and licences are those of the packages, and of what is installed for them.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readPage, root } from './page.ts';

interface Manifest {
  readonly name: string;
  readonly license?: string;
  readonly engines?: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;

const folders = readdirSync(path.join(root, 'packages')).map((name) => path.join(root, 'packages', name));
const ours = new Map(folders.map((folder) => [manifest(folder).name, manifest(folder)]));

const table = (first: string): (readonly string[])[] =>
  readPage('docs/support.md').tables.flatMap(({ header, rows }) =>
    header[0] === first ? rows.map((row) => row.map((cell) => cell.replaceAll('`', '').trim())) : [],
  );

describe('docs/support.md', () => {
  it('has the ranges of Node.js and of every peer', () => {
    const told = Object.fromEntries(table('package').map(([name, range]) => [name, range]));
    const known: Record<string, string> = {};
    for (const { engines, peerDependencies } of ours.values()) {
      Object.assign(known, { 'Node.js': engines?.node }, peerDependencies);
    }
    assert.deepEqual(told, known);
  });

  it('has every dependency: its range, its licence, and whose it is', () => {
    const known = new Map<string, string[]>();
    for (const folder of folders) {
      const { name: owner, dependencies = {} } = manifest(folder);
      for (const [name, range] of Object.entries(dependencies)) {
        if (ours.has(name)) continue;
        const { license = '' } = manifest(installed(name, folder));
        const row = [name, range, license].join(' ');
        known.set(row, [...(known.get(row) ?? []), owner].sort());
      }
    }
    const told = table('dependency').map(
      ([name, range, licence, of = '']) => [[name, range, licence].join(' '), of.split(', ').sort()] as const,
    );
    assert.deepEqual(new Map(told), known);
  });

  it('has the licence of all that an installation brings', () => {
    const found = new Map<string, string>();
    const visit = (folder: string): void => {
      for (const name of Object.keys(manifest(folder).dependencies ?? {})) {
        const below = installed(name, folder);
        if (!ours.has(name) && !found.has(name)) {
          found.set(name, manifest(below).license ?? 'none');
          visit(below);
        }
      }
    };
    folders.forEach(visit);
    const told = table('licence').flatMap(([licence = '', names = '']) =>
      names.split(', ').map((name) => [name, licence] as const),
    );
    assert.deepEqual(new Map(told), found);
  });
});

/** Where Node.js finds a package for a file of the folder. */
function installed(name: string, folder: string): string {
  for (let place = folder; ; place = path.dirname(place)) {
    const candidate = path.join(place, 'node_modules', name);
    if (existsSync(path.join(candidate, 'package.json'))) return candidate;
    assert.notEqual(place, path.dirname(place), `${name}: not installed`);
  }
}
