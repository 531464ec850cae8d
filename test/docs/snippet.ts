// Runs a page's programs as a reader would: each in a process of its own, in a folder where the packages are found by name,
// with a dev agent in the place of the agents that the page names.
//
// A comment before a block says what is not to be guessed from it:
//
//   <!-- test: with winston -->       a fragment: what stands around it is in preludes.ts
//   <!-- test: file map.mjs -->       not run, but there for the blocks that follow
//   <!-- test: serves -->             a server on PORT: it is asked for a page, then gets SIGTERM and must end by itself
//   <!-- test: calls handler -->     the function of that name is called
//   <!-- test: silent -->             names an agent and sends it nothing
//   <!-- test: warns -->              says something on stderr
//   <!-- test: not run, REASON -->    only its syntax is checked
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type DevAgent, startDevAgent } from '../../packages/dev-agent/src/index.ts';
import { freePorts } from '../flume/ports.ts';
import { type CodeBlock, type Page, root } from './page.ts';
import { preludes } from './preludes.ts';

const folderOf = (page: Page): string => path.join(root, '.cache/docs', page.name.replaceAll(/\W/g, '-'));

const address = /flume-\d:4141|127\.0\.0\.1:4141/g;

const extensions: Readonly<Record<string, string>> = { js: 'mjs', mjs: 'mjs', cjs: 'cjs', ts: 'ts' };

export const isProgram = (block: CodeBlock): boolean => block.language in extensions;

export const words = (block: CodeBlock): readonly string[] => block.directive.split(/[;,] */);

const option = (block: CodeBlock, name: string): string | undefined =>
  words(block)
    .find((word) => word.startsWith(`${name} `))
    ?.slice(name.length + 1);

/** The file that a block would be in a reader's project, with what it leaves out around it. */
export function writeProgram(page: Page, block: CodeBlock, agentPort: number): string {
  const folder = folderOf(page);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, option(block, 'file') ?? `line-${block.line}.${extensions[block.language]}`);
  const code = program(block)
    .replaceAll(address, `127.0.0.1:${agentPort}`)
    .replaceAll(/port: 4141/g, `port: ${agentPort}`);
  writeFileSync(file, code);
  return file;
}

/** A block as a whole program: a fragment within what its prelude declares. */
export function program(block: CodeBlock): string {
  const name = option(block, 'with');
  const called = option(block, 'calls');
  if (called !== undefined) return `${block.code}\nawait ${called}({});\n`;
  if (name === undefined) return block.code;
  const prelude = preludes[name];
  assert.ok(prelude !== undefined, `no prelude ${name}`);
  return `${prelude.before}\n{\n${block.code}\n}\n${prelude.after ?? ''}\n`;
}

/** Runs a block, which must end well, say nothing on stderr, and send something where it names an agent. */
export async function runProgram(page: Page, block: CodeBlock): Promise<void> {
  await using source = await startDevAgent({ port: 0 });
  const file = writeProgram(page, block, source.port);
  const [port = 0] = await freePorts(1);
  const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...loader, file], {
    cwd: folderOf(page),
    // Without what Node's test runner tells its own children.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const closed = once(child, 'close');
  const serves = words(block).includes('serves');
  if (serves) await visit(port, child);
  const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null];
  // installShutdown() ends the process by the signal itself, as whoever sent it expects.
  const ended = serves && signal === 'SIGTERM' ? 0 : code;
  if (words(block).includes('warns')) errors = '';
  assert.deepEqual({ ended, errors }, { ended: 0, errors: '' });
  assertArrived(block, source);
}

/** Asks the server for a page as soon as it listens, then tells it to end. */
async function visit(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    try {
      await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text();
      child.kill('SIGTERM');
      return;
    } catch {
      await delay(50);
    }
  }
}

function assertArrived(block: CodeBlock, source: DevAgent): void {
  if (words(block).includes('silent')) return;
  if (program(block).search(address) >= 0) assert.ok(source.received > 0, 'nothing arrived');
}
