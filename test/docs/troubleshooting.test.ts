// Every message that docs/troubleshooting.md quotes is what the user is told when that happens.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPage } from './page.ts';
import { symptoms } from './symptoms.ts';

const quotes = readPage('docs/troubleshooting.md').blocks.filter(({ language }) => language === 'text');

describe('docs/troubleshooting.md', { concurrency: 2 }, () => {
  for (const { code, directive, line } of quotes) {
    const [, name = ''] = /^says (.*)$/.exec(directive) ?? [];
    it(`line ${line}: ${name}`, async () => {
      const symptom = symptoms[name];
      assert.ok(symptom !== undefined, 'nothing makes this happen');
      const told = plain(await symptom());
      assert.ok(told.includes(plain(code)), told);
    });
  }

  it('quotes each once', () => {
    assert.deepEqual(
      quotes.map(({ directive }) => directive.replace('says ', '')).sort(),
      Object.keys(symptoms).sort(),
    );
  });
});

/** Without what differs from machine to machine: addresses, and what a resolver calls a name that it does not know. */
const plain = (text: string): string =>
  text
    .replaceAll('.invalid', '')
    .replaceAll(/(127\.0\.0\.1|localhost|flume-1):\d+/g, '<agent>')
    .replaceAll(/agent flume-1(?=:)/g, 'agent <agent>')
    .replaceAll('EAI_AGAIN', 'ENOTFOUND');
