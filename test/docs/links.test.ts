// Every link from one page to another leads somewhere, anchors included.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pageNames, readPage, root } from './page.ts';

describe('links', () => {
  for (const name of pageNames()) {
    it(name, () => {
      const wrong = readPage(name).links.filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(name, link));
      assert.deepEqual(wrong, []);
    });
  }
});

function leadsSomewhere(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? from : path.join(path.dirname(from), decodeURI(file));
  if (!existsSync(path.join(root, target))) return false;
  return anchor === undefined || readPage(target).anchors.has(decodeURIComponent(anchor));
}
