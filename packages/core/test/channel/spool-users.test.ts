// A spool on a machine with several users: none of them leads its files elsewhere, takes them away, or adds to them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { EmbeddedAgent } from '../../src/index.ts';
import { leakCheck } from '../leak-check.ts';
import { as, folderOf, oneUser, ours, theirs } from '../two-users.ts';

let sticky = '';

/** Puts an event into a spool there, and says what was told. Root does, for whom no rights are in the way. */
async function warningsOf(dir: string, meanwhile: () => void = () => {}): Promise<string> {
  const warnings: string[] = [];
  const agent = new EmbeddedAgent({ port: 1, channel: { type: 'file', dir } });
  agent.on('warning', ({ code, message }) => code === 'ERR_FLUME_DISK' && warnings.push(message));
  const isAccepted = agent.put({ body: 'x' });
  meanwhile();
  await agent.close({ timeoutMs: 0 });
  // The channel tells of its disk when the turn is over.
  await turn();
  assert.equal(isAccepted, warnings.length === 0);
  return String(warnings);
}

describe('a spool among several users', { skip: oneUser }, () => {
  leakCheck();

  beforeEach(() => {
    sticky = folderOf(0, 0o1777);
  });
  afterEach(() => fs.rmSync(sticky, { recursive: true, force: true }));

  it("is not in another user's folder, nor behind another user's link", async () => {
    const elsewhere = folderOf(ours);
    const open = folderOf(theirs, 0o777);
    as(theirs, () => {
      fs.symlinkSync(elsewhere, path.join(sticky, 'link'));
      fs.mkdirSync(path.join(sticky, 'made-before'), { mode: 0o777 });
      fs.chmodSync(path.join(sticky, 'made-before'), 0o1777);
    });
    for (const dir of [`${open}/spool`, `${sticky}/link`, `${sticky}/link/spool`, `${sticky}/made-before`]) {
      assert.match(await warningsOf(dir), /belongs to another user/, dir);
    }
    for (const place of [elsewhere, open]) {
      assert.deepEqual(fs.readdirSync(place), []);
      fs.rmdirSync(place);
    }
    assert.deepEqual(fs.readdirSync(path.join(sticky, 'made-before')), []);
  });

  it('of ours in a sticky folder stays ours: nobody else renames it, looks into it or writes to it', async () => {
    const dir = path.join(sticky, 'spool');
    const warnings = await warningsOf(dir, () => {
      const [folder = ''] = fs.readdirSync(dir);
      const attempts: (() => void)[] = [
        () => fs.renameSync(dir, path.join(sticky, 'taken')),
        () => fs.rmdirSync(dir),
        () => fs.readdirSync(dir),
        () => fs.writeFileSync(path.join(dir, folder, 'planted'), ''),
        () => fs.renameSync(path.join(dir, folder), path.join(sticky, 'live')),
      ];
      for (const attempt of attempts) assert.throws(() => as(theirs, attempt), /EACCES|EPERM/);
    });
    assert.equal(warnings, '');
  });

  it("may be a sticky folder of root's: a live writer's folder there is not renamed away", async () => {
    const warnings = await warningsOf(sticky, () => {
      const [folder = ''] = fs.readdirSync(sticky);
      assert.throws(() => as(theirs, () => fs.renameSync(path.join(sticky, folder), path.join(sticky, 'swapped'))), {
        code: 'EPERM',
      });
    });
    assert.equal(warnings, '');
  });

  it("adopts no folder that another user planted under a dead writer's name", async () => {
    const planted = path.join(sticky, 'w-00000000-00000000-1-0123456789ab');
    const golden = path.join(import.meta.dirname, 'golden/0000000001-binary-00000001.seg');
    as(theirs, () => fs.mkdirSync(planted, { mode: 0o700 }));
    fs.copyFileSync(golden, path.join(planted, path.basename(golden)));
    fs.utimesSync(planted, 1, 1);
    const agent = new EmbeddedAgent({ port: 1, channel: { type: 'file', dir: sticky } });
    agent.put({ body: 'x' });
    const report = await agent.close({ timeoutMs: 50 });
    assert.deepEqual([agent.stats().recovered, report.spooled], [0, 1]);
    assert.ok(fs.existsSync(planted));
  });
});
