// What a reader of the registry tries first works on one machine: no agent elsewhere, of which the process would warn.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pageNames, readPage } from './page.ts';
import { isProgram } from './snippet.ts';

describe('the first sample is for an agent on this machine', () => {
  for (const name of pageNames().filter((page) => page.endsWith('README.md') && !/^(bench|examples)/.test(page))) {
    const first = readPage(name).blocks.find(isProgram);
    if (first !== undefined) it(name, () => assert.doesNotMatch(first.code, /flume-\d/));
  }
});
