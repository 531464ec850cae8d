// Every code block of every page does what it seems to: programs run, types fit, shell commands exist, the rest is well formed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type CodeBlock, type Page, pageNames, readPage, root } from './page.ts';
import { assertCommands } from './shell-commands.ts';
import { isProgram, runProgram, words, writeProgram } from './snippet.ts';

const cache = path.join(root, '.cache/docs');
const pages = pageNames().map(readPage);
const all = pages.flatMap((page) => page.blocks.map((block) => ({ page, block })));
const named = ({ page, block }: { page: Page; block: CodeBlock }): string => `${page.name}:${block.line}`;
const isSkipped = (block: CodeBlock): boolean => block.directive.startsWith('not run');
const isFile = (block: CodeBlock): boolean => words(block).some((word) => word.startsWith('file '));

const project = path.join(cache, 'tsconfig.json');
const tsconfig = {
  extends: '../../tsconfig.test.json',
  // A page shows how something is made, and not always its use. Nest has its decorators.
  compilerOptions: { noUnusedLocals: false, experimentalDecorators: true, erasableSyntaxOnly: false },
  exclude: [],
};

before(() => {
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  writeFileSync(project, JSON.stringify({ ...tsconfig, include: [] }));
  for (const { page, block } of all) if (isProgram(block) && isFile(block)) writeProgram(page, block, 4141);
});
after(() => rmSync(cache, { recursive: true, force: true }));

describe('programs run', { concurrency: 2 }, () => {
  for (const snippet of all) {
    const { page, block } = snippet;
    if (isProgram(block) && !isSkipped(block) && !isFile(block)) it(named(snippet), () => runProgram(page, block));
  }
});

it('types fit', () => {
  const files = all
    .filter(({ block }) => block.language === 'ts')
    .map(({ page, block }) => writeProgram(page, block, 4141));
  writeFileSync(project, JSON.stringify({ ...tsconfig, include: files }));
  const { stdout } = spawnSync(process.execPath, [tsc(), '-p', cache], { encoding: 'utf8' });
  assert.equal(stdout, '');
});

describe('what does not run is well formed', () => {
  for (const snippet of all) {
    const { block } = snippet;
    if (isProgram(block) && isSkipped(block)) {
      it(named(snippet), () => {
        assert.match(block.directive, /^not run, \w/, 'a reason');
        const module = path.join(cache, `syntax-${block.line}.mjs`);
        writeFileSync(module, block.code);
        const { stderr } = spawnSync(process.execPath, ['--check', module], { encoding: 'utf8' });
        assert.equal(stderr, '');
      });
    } else if (block.language === 'json') it(named(snippet), () => void JSON.parse(block.code));
    else if (block.language === 'properties') it(named(snippet), () => assertProperties(block.code));
    else if (block.language === 'sh') it(named(snippet), () => assertCommands(block.code));
    else if (!isProgram(block)) {
      it(named(snippet), () => assert.ok(otherLanguages.has(block.language), `language ${block.language}`));
    }
  }
});

// Nothing of these is for a machine of ours: what a program prints, a picture, other people's files.
const otherLanguages = new Set(['', 'text', 'mermaid', 'yaml', 'python', 'java', 'xml', 'dockerfile']);

function assertProperties(text: string): void {
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    assert.match(line, /^\w+(\.[\w-]+)+ = \S/);
  }
}

function tsc(): string {
  const { bin } = JSON.parse(readFileSync(path.join(root, 'node_modules/typescript/package.json'), 'utf8')) as {
    bin: { tsc: string };
  };
  return path.join(root, 'node_modules/typescript', bin.tsc);
}
