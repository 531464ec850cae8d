// The check of the built site's links finds what is dead.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { brokenLinks } from '../../site/links.ts';

describe('links of the site', () => {
  it('lead to pages, files and headings that there are, or are told', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'site-'));
    try {
      mkdirSync(path.join(folder, 'docs'));
      const good =
        '<a href="/docs/a.html#x"></a><a href="docs/a"></a><a href="https://example.org/"></a><img src="p.svg">';
      writeFileSync(path.join(folder, 'index.html'), `${good}<a href="#here"></a><h1 id="here">`);
      writeFileSync(path.join(folder, 'p.svg'), '');
      const bad = '<h2 id="x"><a href="/docs/b.html"></a><a href="../index.html#there"></a><img src="q.svg">';
      writeFileSync(path.join(folder, 'docs/a.html'), bad);
      assert.deepEqual(brokenLinks(folder), [
        '/docs/a.html: /docs/b.html',
        '/docs/a.html: ../index.html#there',
        '/docs/a.html: q.svg',
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
