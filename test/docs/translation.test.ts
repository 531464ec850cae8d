// The Chinese pages say what the English ones say: the same code, the same links, tables with as many rows.
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type Page, pageNames, readPage } from './page.ts';

const suffix = '.zh-CN.md';
const names = pageNames();
const english = (name: string): string => name.replace(suffix, '.md');
/** A translated page of a link stands for the English one. */
const targets = ({ name, links }: Page): string[] => {
  const self = path.basename(english(name));
  const others = links.map(english).filter((link) => link !== self);
  return [...new Set(others)].sort();
};

it('README and getting started are translated', () => {
  const translated = names.filter((name) => name.endsWith(suffix));
  assert.deepEqual(translated, [`README${suffix}`, `docs/getting-started${suffix}`]);
});

for (const name of names.filter((each) => each.endsWith(suffix))) {
  describe(name, () => {
    const original = readPage(english(name));
    const chinese = readPage(name);

    it('has the code blocks of the English page', () => {
      const code = ({ blocks }: Page): string[][] => blocks.map((block) => [block.language, block.code]);
      assert.deepEqual(code(chinese), code(original));
    });

    it('leads to the same pages, and each to the other', () => {
      assert.deepEqual(targets(chinese), targets(original));
      assert.ok(chinese.links.includes(path.basename(original.name)));
      assert.ok(original.links.includes(path.basename(name)));
    });

    it('leads to a Chinese page where there is one', () => {
      const inEnglish = chinese.links.filter((link) =>
        names.includes(path.join(path.dirname(name), link.replace(/\.md$/, suffix))),
      );
      assert.deepEqual(inEnglish, [path.basename(original.name)]);
    });

    it('has as many headings, and rows in its tables', () => {
      assert.equal(chinese.anchors.size, original.anchors.size);
      const rows = ({ tables }: Page): number[] => tables.map((table) => table.rows.length);
      assert.deepEqual(rows(chinese), rows(original));
    });
  });
}
