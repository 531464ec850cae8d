// Writes docs/interop.md from a run of the interop tests: npm run docs:interop.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readRun } from './matrix.ts';

const root = path.join(import.meta.dirname, '../..');
const docs = path.join(root, 'docs/interop.md');

const intro = `# Interoperability

Written by \`npm run docs:interop\` from a run of the tests in [test/interop](../test/interop). Every combination of server,
protocol, transport and encryption is a cell: \`ok\` means that all events arrived byte for byte, and a letter names the reason
why the other side cannot do it.

To servers, \`FlumeClient\` sends an empty batch, an append, a batch of 100 and five appends in flight at once. The batch has
empty and multi-byte headers and bodies, control characters, a lone surrogate, 200 headers in one event, bodies with every
byte and of every length up to 94 bytes.

`;

const { status } = spawnSync(process.execPath, ['scripts/test.mjs', 'test/interop'], { cwd: root, stdio: 'inherit' });
if (status === 0) {
  mkdirSync(path.dirname(docs), { recursive: true });
  writeFileSync(docs, intro + readRun());
} else {
  process.stderr.write('docs/interop.md was not written: the tests failed\n');
  process.exitCode = 1;
}
