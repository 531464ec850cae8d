// Writes docs/interop.md from a run of the interop tests: npm run docs:interop.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { javaTool } from '../flume/maven.ts';
import { readRun } from './matrix.ts';
import { python } from './requirements.ts';

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
  writeFileSync(docs, `${intro}${versions()}\n${readRun()}`);
} else {
  process.stderr.write('docs/interop.md was not written: the tests failed\n');
  process.exitCode = 1;
}

function versions(): string {
  const said = (command: string, ...args: string[]) => execFileSync(command, args, { encoding: 'utf8' }).trim();
  const java = /\d[\d.]*/.exec(said(javaTool('java'), '--version'))?.[0];
  const compiler = /\d[\d.]*/.exec(said('thrift', '--version'))?.[0];
  const script = 'import importlib.metadata as m, platform; print(platform.python_version(), m.version("thrift"))';
  const [pythonVersion, library] = said(python, '-c', script).split(' ');
  return (
    `Run with Node.js ${process.versions.node}, Java ${java}, the Thrift compiler ${compiler}, and Python ${pythonVersion} ` +
    `with thrift ${library}.\n`
  );
}
