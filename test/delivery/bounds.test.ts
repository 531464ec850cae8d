// Bounds: 10 million events put against an agent that answers nothing. The process stays within byteCapacity and a
// constant, the books balance, and the application's event loop goes on turning, whatever whenFull says.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { leakCheck } from '../../packages/core/test/leak-check.ts';
import { startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { byteCapacity, type FloodReport } from './flood.ts';

const program = path.join(import.meta.dirname, 'flood.ts');
const events = Number(process.env.COUNT ?? 10_000_000);
const megabyte = 1024 * 1024;
// What the process takes beside the channel's bytes: the young generation of the heap, compiled code, and 4 to 8 bytes for
// each event that is queued. 30 to 43 MiB were measured.
const constantBytes = 56 * megabyte;
// 16 to 40 ms were measured, and more where the machine had other things to do.
const longestTurnMs = 1_000;

describe('bounds', { timeout: 150_000 }, () => {
  leakCheck();

  for (const whenFull of ['drop-newest', 'drop-oldest', 'drop-low'] as const) {
    it(`${whenFull}: ${events} events against an agent that stalls`, async () => {
      const source = await startDevAgent({ port: 0, script: [{ repeat: Infinity, step: 'stall' }] });
      const args = ['--import', 'tsx', program, String(source.port), whenFull, String(events)];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      await source.close();
      const report = JSON.parse(stdout) as FloodReport;
      const beside = report.rssMost - report.rssBefore - byteCapacity;
      console.log(
        `  ${whenFull}: ${report.seconds.toFixed(1)} s, ${((report.seconds * 1e9) / events).toFixed()} ns an event; ` +
          `RSS ${(report.rssBefore / megabyte).toFixed()} MiB before, ${(report.rssMost / megabyte).toFixed()} at most, ` +
          `${(beside / megabyte).toFixed()} beyond byteCapacity; ${report.queued} queued; ` +
          `a turn took ${report.longestTurnMs.toFixed()} ms at most, its puts ${report.longestPutsMs.toFixed()}`,
      );
      assert.equal(report.accepted, events);
      assert.equal(report.dropped + report.queued, events);
      assert.ok(report.queuedBytesMost <= byteCapacity, `${report.queuedBytesMost} bytes were queued`);
      // Nobody has refused too early.
      assert.ok(report.queuedBytesMost > byteCapacity * 0.9, `only ${report.queuedBytesMost} bytes were queued`);
      assert.ok(beside < constantBytes, `${beside} bytes beyond byteCapacity`);
      assert.ok(report.longestTurnMs < longestTurnMs, `a turn took ${report.longestTurnMs} ms`);
    });
  }
});
