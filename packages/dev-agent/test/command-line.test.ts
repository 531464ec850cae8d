import assert from 'node:assert/strict';
import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { parseCommandLine } from '../src/command-line.ts';
import { startDevAgent, stepNames } from '../src/index.ts';
import { expectNothingLeftOpen } from './left-open.ts';
import { encodeCall, RawClient } from './raw-client.ts';

expectNothingLeftOpen();

const hello = { headers: { a: 'hello' }, body: 'world' };
const cli = path.join(import.meta.dirname, '../src/cli.ts');

class Command {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  stdout = '';
  stderr = '';

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, ['--import', 'tsx', cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  async port(): Promise<number> {
    let found: RegExpExecArray | null = null;
    while ((found = /listening on 127\.0\.0\.1:(\d+)/.exec(this.stderr)) === null) {
      await once(this.child.stderr, 'data');
    }
    return Number(found[1]);
  }

  async exit(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    const [code] = await once(this.child, 'close');
    return code;
  }
}

function parseRun(...args: string[]): Extract<ReturnType<typeof parseCommandLine>, { kind: 'run' }> {
  const command = parseCommandLine(args);
  assert.ok(command.kind === 'run', 'a command that runs an agent');
  return command;
}

test('options', () => {
  const line =
    '--port 0 --host ::1 --protocol binary --transaction-capacity 100 --capacity 5 --latency 7 --output json ' +
    '--count 3 --unframed --script ok,failed*3,delay:250*2';
  const { agent, output, count } = parseRun(...line.split(' '));
  assert.deepEqual([output, count], ['json', 3]);
  assert.deepEqual(agent, {
    port: 0,
    host: '::1',
    path: undefined,
    protocol: 'binary',
    framed: false,
    transactionCapacity: 100,
    capacity: 5,
    latencyMs: 7,
    keepEvents: 0,
    script: [
      { repeat: 1, step: 'ok' },
      { repeat: 3, step: 'failed' },
      { repeat: 2, step: { delayMs: 250 } },
    ],
  });
});

test('every step has a name on the command line', () => {
  const { agent } = parseRun('--script', stepNames.join(','));
  assert.equal((agent.script as readonly unknown[]).length, stepNames.length);
});

test('wrong options', () => {
  const cases: [string[], RegExp][] = [
    [['--port', '70000'], /^--port: expected an integer from 0 to 65535, got '70000'$/],
    [['--port', '0x10'], /^--port: expected an integer/],
    [['--count', '0'], /^--count: expected an integer from 1/],
    [['--output', 'xml'], /^--output: expected pretty, json or none, got 'xml'$/],
    [['--protocol', 'BINARY'], /^--protocol: expected compact, binary or json, got 'BINARY'$/],
    [['--path', 'x', '--port', '1'], /^--path: expected no --host and no --port beside it$/],
    [['--script', 'fialed'], /^--script: no such step 'fialed'; try delay:500, ok, failed/],
    [['--script', 'failed*0'], /^--script: no such step 'failed\*0'/],
    [['--script', 'failed:5'], /^--script: no such step 'failed:5'/],
    [['--script', 'delay'], /^--script: no such step 'delay'/],
    [['--nope'], /Unknown option '--nope'/],
    [['stray'], /Unexpected argument 'stray'/],
  ];
  for (const [args, message] of cases) assert.throws(() => parseCommandLine(args), { message });
});

test('prints events until it is stopped, then sums up', async () => {
  const command = new Command('--port', '0', '--script', 'failed');
  const client = await RawClient.connect({ port: await command.port() });
  client.send(encodeCall(hello, 1), encodeCall([hello, hello], 2));
  assert.equal((await client.reply()).status, 1);
  assert.equal((await client.reply()).status, 0);
  command.child.kill('SIGTERM');
  assert.equal(await command.exit(), 0);
  assert.equal(command.stdout, '#1 {a=hello} world\n#2 {a=hello} world\n');
  assert.match(command.stderr, /production run a real Flume agent/);
  assert.match(command.stderr, /^append of 1 event → script: failed$/m);
  assert.match(command.stderr, /^flume-dev-agent: 2 events, 2 calls, 1 connection$/m);
  await client.destroy();
});

test('--count ends after so many events, and the client has its answer', async () => {
  const command = new Command('--port', '0', '--count', '2', '--output', 'json');
  const client = await RawClient.connect({ port: await command.port() });
  client.send(encodeCall([hello, hello, hello]));
  assert.equal((await client.reply()).status, 0);
  assert.equal(await command.exit(), 0);
  assert.equal(command.stdout, '{"headers":{"a":"hello"},"body":"world"}\n'.repeat(2));
  await client.destroy();
});

test('a port in use: one line, exit 1', async () => {
  await using agent = await startDevAgent({ port: 0 });
  const command = new Command('--port', String(agent.port));
  assert.equal(await command.exit(), 1);
  assert.equal(
    command.stderr,
    `flume-dev-agent: 127.0.0.1:${agent.port} is in use; another --port (0 takes a free one) may help\n`,
  );
});

test('bad usage: one line, exit 2; --help and --version: exit 0', async () => {
  const [bad, help, version] = [new Command('--prot', '1'), new Command('--help'), new Command('--version')];
  assert.equal(await bad.exit(), 2);
  assert.match(bad.stderr, /^flume-dev-agent: Unknown option '--prot' \(--help shows examples\)\n$/);
  assert.equal(await help.exit(), 0);
  assert.match(help.stdout, /^Usage: flume-dev-agent[^]*--script 'failed\*3,delay:2000,reset'/);
  assert.equal(await version.exit(), 0);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\S*\n$/);
});
