// What a page's tables say of options and scripts is what the source says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { exportedOptions } from './option-model.ts';
import { prefixes, sections } from './options-page.ts';
import { pageNames, readPage, root, type Table } from './page.ts';

const groups = sections().flatMap(({ groups }) => groups);

describe('docs/options.md', () => {
  it('has every exported interface of options', () => {
    const onPage = groups.map(({ name }) => name);
    assert.deepEqual(
      exportedOptions().filter((name) => !onPage.includes(name) && !notForUsers.has(name)),
      [],
    );
  });
});

// For the packages that build on the core, or of a single call.
const notForUsers = new Set(['WaitOptions', 'CallOptions', 'RecordHeadersOptions']);

const rows = groups.flatMap(({ name, rows }) => rows.map((row) => ({ ...row, group: name })));

describe('tables of options', () => {
  for (const name of pageNames().filter((page) => page !== 'docs/options.md')) {
    for (const table of readPage(name).tables) {
      if (isOptionTable(table)) it(`${name}:${table.line}`, () => assertOptions(table));
    }
  }
});

function isOptionTable({ header }: Table): boolean {
  return /^option\b/.test(header[0] ?? '') && header[1] === 'default';
}

function assertOptions(table: Table): void {
  const prefix = /`(\w+\.)…`/.exec(table.header[0] ?? '')?.[1] ?? '';
  for (const [first = '', cell = ''] of table.rows) {
    const names = [...first.matchAll(/`([^`]+)`/g)].map(([, name = '']) => prefix + name);
    assert.notEqual(names.length, 0, first);
    const values = names.length === 1 ? [cell] : cell.split(/(?<!\d),|, (?=\D)| \/ /);
    for (const [index, name] of names.entries()) {
      const known = rows.filter((row) => fullName(row) === name);
      assert.notEqual(known.length, 0, `${name}: no such option`);
      const told = values[index] ?? '–';
      const isTold = known.some((row) => plain(row.default) === plain(told));
      assert.ok(isTold || !isValue(told), `${name}: ${told}, but it is ${known[0]?.default}`);
    }
  }
}

const fullName = ({ group, name }: { group: string; name: string }): string => (prefixes[group] ?? '') + name;

// Other cells are words: 'off', 'unlimited', 'the host'.
const isValue = (cell: string): boolean => /^[`\d]/.test(cell.trim());

/** A default without what people put around numbers: units, separators, explanations. */
function plain(cell = ''): string {
  const text = cell.replaceAll(/[`'’]/g, '').replace(/: .*$/, '').trim();
  const [, size, unit] = /^(\d+) ([MG]iB)$/.exec(text) ?? [];
  if (size !== undefined) return String(Number(size) * 1024 ** (unit === 'MiB' ? 2 : 3));
  return text.replaceAll(/(?<=\d)[, _](?=\d{3})/g, '');
}

it('the table of scripts in CONTRIBUTING.md has each of package.json, and no other', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: object };
  const table = readPage('CONTRIBUTING.md').tables.find(({ header }) => header[0] === 'script');
  assert.ok(table !== undefined);
  const told = table.rows.flatMap(([cell = '']) =>
    [...cell.matchAll(/`npm (?:run )?([\w:-]+)/g)].map(([, name]) => name),
  );
  assert.deepEqual(new Set(told), new Set(Object.keys(scripts)));
});
