// The file for dead letters holds log records: it is ours alone, whatever somebody has put in its place.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type DeadLetterOption, EmbeddedAgent } from '../src/index.ts';
import { leakCheck } from './leak-check.ts';
import { as, folderOf, oneUser, ours, theirs } from './two-users.ts';

let place = '';

/** Gives up an event, and says what was told. */
async function warningsOf(deadLetter: DeadLetterOption): Promise<string[]> {
  const warnings: string[] = [];
  const agent = new EmbeddedAgent({ maxEventBytes: 64, oversize: 'drop', deadLetter });
  agent.on('warning', ({ message }) => warnings.push(message));
  agent.put({ body: 'x'.repeat(100) });
  await agent.close({ timeoutMs: 0 });
  return warnings.filter((warning) => warning.startsWith('deadLetter'));
}

it('a function that is async and fails is told of, and ends nothing', async () => {
  const failing = (): void => Promise.reject(new Error('away')) as unknown as void;
  assert.deepEqual(await warningsOf(failing), ['deadLetter: an event is lost: Error: away']);
});

describe('the file for dead letters', () => {
  leakCheck();

  beforeEach(() => {
    place = folderOf(process.geteuid?.() ?? 0);
  });
  afterEach(() => fs.rmSync(place, { recursive: true, force: true }));

  it('is made for its owner alone, and made again where it was moved away', async () => {
    const file = path.join(place, 'dead');
    for (const _ of [1, 2]) {
      assert.deepEqual(await warningsOf(file), []);
      assert.equal(fs.statSync(file).mode & 0o777, 0o600);
      assert.equal(fs.readFileSync(file, 'utf8').split('\n').length, 2);
      fs.renameSync(file, path.join(place, 'rotated'));
    }
  });

  it('of ours that others may read is mended, and it is told', async () => {
    const file = path.join(place, 'dead');
    fs.writeFileSync(file, '', { mode: 0o644 });
    const warnings = await warningsOf(file);
    assert.deepEqual(warnings, [`deadLetter: others had rights to ${file} (mode 0644); it is 0600 now`]);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.ok(fs.statSync(file).size > 0);
  });

  it('is no link, no second name of another, no FIFO and no device', async () => {
    const target = path.join(place, 'target');
    fs.writeFileSync(target, 'kept');
    const at = (name: string): string => path.join(place, name);
    fs.symlinkSync(target, at('link'));
    fs.linkSync(target, at('hard'));
    execFileSync('mkfifo', [at('fifo')]);
    fs.symlinkSync('/dev/null', at('device'));
    const refused = { link: 'is a link', hard: 'has a second name', fifo: 'is no file', device: 'is a link' };
    for (const [name, why] of Object.entries(refused)) {
      const [warning = ''] = await warningsOf(at(name));
      assert.match(warning, new RegExp(`^deadLetter: an event is lost: Error: .*/${name} ${why}`));
    }
    assert.equal(fs.readFileSync(target, 'utf8'), 'kept');
  });

  it("is not another user's, nor in a folder that another user can lead elsewhere", { skip: oneUser }, async () => {
    fs.chmodSync(place, 0o1777);
    const elsewhere = folderOf(ours);
    as(theirs, () => {
      fs.writeFileSync(path.join(place, 'before'), '');
      fs.chmodSync(path.join(place, 'before'), 0o666);
      fs.mkdirSync(path.join(place, 'theirs'), { mode: 0o777 });
      fs.symlinkSync(elsewhere, path.join(place, 'link'));
    });
    for (const name of ['before', 'theirs/dead', 'link/dead']) {
      assert.match(String(await warningsOf(path.join(place, name))), /belongs to another user/, name);
    }
    assert.equal(fs.statSync(path.join(place, 'before')).size, 0);
    assert.deepEqual([...fs.readdirSync(elsewhere), ...fs.readdirSync(path.join(place, 'theirs'))], []);
    fs.rmSync(elsewhere, { recursive: true });
  });
});
