// The Chinese README says what the English one says: the same code, the same links, tables with as many rows.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPage } from './page.ts';

const english = readPage('README.md');
const chinese = readPage('README.zh-CN.md');

describe('README.zh-CN.md', () => {
  it('has the code blocks of README.md', () => {
    const code = ({ blocks }: typeof english): string[][] => blocks.map((block) => [block.language, block.code]);
    assert.deepEqual(code(chinese), code(english));
  });

  it('leads to the same pages, and to the English one', () => {
    const links = ({ links }: typeof english): string[] =>
      [...new Set(links)].filter((link) => !link.startsWith('README')).sort();
    assert.deepEqual(links(chinese), links(english));
    assert.ok(chinese.links.includes('README.md'));
    assert.ok(english.links.includes('README.zh-CN.md'));
  });

  it('has as many rows in its tables', () => {
    const rows = ({ tables }: typeof english): number[] => tables.map((table) => table.rows.length);
    assert.deepEqual(rows(chinese), rows(english));
  });
});
