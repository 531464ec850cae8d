// What is ours alone is opened as that, whatever another user has put in its place.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { checkWay, fileBytes, privateFile, readableFile } from '../src/private-file.ts';
import { as, folderOf, oneUser, ours, theirs } from './two-users.ts';

const me = process.geteuid?.() ?? 0;
const places: string[] = [];
after(() => {
  for (const place of places) fs.rmSync(place, { recursive: true, force: true });
});

function folder(user = me, mode = 0o700): string {
  const place = folderOf(user, mode);
  places.push(place);
  return place;
}

function modeOf(file: string): number {
  return fs.statSync(file).mode & 0o777;
}

describe('a file of ours', () => {
  it('is made for us alone, and may be there', () => {
    const file = path.join(folder(), 'file');
    for (const opening of ['new', 'append', 'old'] as const) fs.closeSync(privateFile(fs, file, opening));
    assert.equal(modeOf(file), 0o600);
    assert.throws(() => privateFile(fs, file, 'new'), { code: 'EEXIST' });
    assert.throws(() => privateFile(fs, `${file}2`, 'old'), { code: 'ENOENT' });
  });

  it('with rights for others loses these, and it is told', () => {
    const file = path.join(folder(), 'file');
    for (const mode of [0o644, 0o666, 0o640, 0o4604]) {
      fs.writeFileSync(file, '');
      fs.chmodSync(file, mode);
      const told: string[] = [];
      fs.closeSync(privateFile(fs, file, 'append', (text) => told.push(text)));
      assert.deepEqual([modeOf(file), told], [0o600, [`0${(mode & 0o777).toString(8)}`]]);
    }
  });

  it('is no link, no second name, no FIFO, folder, socket or device', () => {
    const place = folder();
    const target = path.join(place, 'target');
    fs.writeFileSync(target, 'kept', { mode: 0o600 });
    const at = (name: string): string => path.join(place, name);
    fs.symlinkSync(target, at('link'));
    fs.symlinkSync(at('nowhere'), at('dangling'));
    fs.linkSync(target, at('hard'));
    execFileSync('mkfifo', [at('fifo')]);
    fs.mkdirSync(at('folder'));
    const refused = { link: /is a link/, dangling: /is a link/, hard: /a second name/, fifo: /is no file/ };
    for (const [name, message] of Object.entries(refused)) {
      for (const opening of ['append', 'old'] as const)
        assert.throws(() => privateFile(fs, at(name), opening), message);
    }
    for (const name of ['folder', '/dev/null']) {
      assert.throws(() => privateFile(fs, path.resolve(place, name), 'append'), /is no file|EISDIR|EACCES/);
    }
    assert.equal(fs.readFileSync(target, 'utf8'), 'kept');
    assert.ok(!fs.existsSync(at('nowhere')));
    for (const name of ['link', 'fifo']) assert.throws(() => readableFile(fs, at(name)), /is a link|is no file/);
    assert.throws(() => readableFile(fs, at('fifo'), 'followed'), /is no file/);
    assert.equal(fileBytes(fs, at('link'), 100, 'followed').toString(), 'kept');
    assert.equal(fileBytes(fs, target, 2).toString(), 'ke');
  });

  it('is not one that another user made before', { skip: oneUser }, () => {
    const place = folder(0, 0o1777);
    const file = path.join(place, 'file');
    as(theirs, () => fs.writeFileSync(file, ''));
    fs.chmodSync(file, 0o666);
    for (const user of [ours, 0]) {
      for (const opening of ['append', 'old'] as const) {
        assert.throws(() => as(user, () => privateFile(fs, file, opening)), /belongs to another user/);
      }
    }
    as(theirs, () => fs.closeSync(privateFile(fs, file, 'append')));
  });
});

describe('the way to a folder', () => {
  it('is made where it is missing, for us alone, also by links of ours', () => {
    const place = folder();
    fs.mkdirSync(path.join(place, 'real'));
    fs.symlinkSync('real/../real', path.join(place, 'near'));
    fs.symlinkSync(path.join(place, 'near'), path.join(place, 'far'));
    assert.equal(checkWay(fs, path.join(place, 'far/./a/b'), true).mode & 0o777, 0o700);
    assert.equal(modeOf(path.join(place, 'real/a')), 0o700);
    assert.throws(() => checkWay(fs, path.join(place, 'none')), { code: 'ENOENT' });
    fs.symlinkSync('round', path.join(place, 'round'));
    assert.throws(() => checkWay(fs, path.join(place, 'round')), /leads to itself/);
    fs.writeFileSync(path.join(place, 'file'), '');
    assert.throws(() => checkWay(fs, path.join(place, 'file/a'), true), { code: 'ENOTDIR' });
  });

  it("goes through no other user's folder or link, and nothing is made there", { skip: oneUser }, () => {
    const sticky = folder(0, 0o1777);
    const open = folder(theirs, 0o777);
    const elsewhere = folder(ours);
    as(theirs, () => {
      fs.symlinkSync(elsewhere, path.join(sticky, 'link'));
      fs.mkdirSync(path.join(sticky, 'theirs'), { mode: 0o1777 });
      fs.chmodSync(path.join(sticky, 'theirs'), 0o1777);
    });
    as(ours, () => fs.symlinkSync(path.join(sticky, 'link'), path.join(sticky, 'through')));
    for (const user of [ours, 0]) {
      for (const way of [
        `${sticky}/link`,
        `${sticky}/link/a`,
        `${sticky}/theirs/a`,
        `${open}/a`,
        `${sticky}/through/a`,
      ]) {
        assert.throws(() => as(user, () => checkWay(fs, way, true)), /belongs to another user/, way);
      }
    }
    assert.deepEqual([fs.readdirSync(elsewhere), fs.readdirSync(open)], [[], []]);
    assert.equal(as(ours, () => checkWay(fs, `${sticky}/mine`, true)).uid, ours);
    assert.equal(as(theirs, () => checkWay(fs, open)).uid, theirs);
  });
});
