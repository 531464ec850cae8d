import assert from 'node:assert/strict';
import type { ChildProcessByStdio } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import tls from 'node:tls';
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

function parseRun(...args: string[]): Extract<ReturnType<typeof parseCommandLine>, { tag: 'run' }> {
  const command = parseCommandLine(args);
  assert.ok(command.tag === 'run', 'a command that runs an agent');
  return command;
}

describe('flume-dev-agent', () => {
  it('options', () => {
    const line =
      '--port 0 --host ::1 --protocol binary --transaction-capacity 100 --capacity 5 --latency-ms 7 --output json ' +
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
      conf: undefined,
      confAgent: undefined,
      script: [
        { repeat: 1, step: 'ok' },
        { repeat: 3, step: 'failed' },
        { repeat: 2, step: { delayMs: 250 } },
      ],
    });
  });

  it('framed unless --unframed says otherwise', () => {
    assert.equal(parseRun().agent.framed, true);
    assert.equal(parseRun('--framed').agent.framed, true);
    assert.equal(parseRun('--unframed').agent.framed, false);
  });

  it('every step has a name on the command line', () => {
    const { agent } = parseRun('--script', stepNames.join(','));
    assert.equal((agent.script as readonly unknown[]).length, stepNames.length);
  });

  it('wrong options', () => {
    const cases: [string[], RegExp][] = [
      [['--port', '70000'], /^--port: expected an integer from 0 to 65535, got '70000'$/],
      [['--port', '0x10'], /^--port: expected an integer/],
      [['--count', '0'], /^--count: expected an integer from 1/],
      [['--output', 'xml'], /^--output: expected pretty, json, simplejson or none, got 'xml'$/],
      [['--protocol', 'BINARY'], /^--protocol: expected compact, binary or json, got 'BINARY'$/],
      [['--framed', '--unframed'], /^--framed: expected no --unframed beside it$/],
      [['--tls-cert', 'a'], /^--tls-cert: expected --tls-key beside it$/],
      [['--tls-key', 'a'], /^--tls-key: expected --tls-cert beside it$/],
      [['--path', 'x', '--port', '1'], /^--path: expected no --host and no --port beside it$/],
      [['--script', 'fialed'], /^--script: no such step 'fialed'; try delay:500, ok, failed/],
      [['--script', 'failed*0'], /^--script: no such step 'failed\*0'/],
      [['--script', 'failed:5'], /^--script: no such step 'failed:5'/],
      [['--script', 'delay'], /^--script: no such step 'delay'/],
      [['--open'], /^--open: expected --ui beside it$/],
      [['--conf', 'a.conf'], /^--conf: expected --ui beside it$/],
      [['--ui', '1', '--name', 'a1'], /^--name: expected --conf beside it$/],
      [['--ui', '65536'], /^--ui: expected an integer from 0 to 65535/],
      [['--format', '{x}'], /^--format: no field \{x\}; they are \{number\}/],
      [['--format', '{body}', '--output', 'json'], /^--format: expected --output pretty beside it, got json$/],
      [['--xyzzy'], /^Unknown option '--xyzzy'$/],
      [['--filtre', 'a=b'], /^Unknown option '--filtre', did you mean --filter\?$/],
      [['--filter', '=b'], /^--filter: expected name=value or name, got '=b'$/],
      [['--stats-ms', 'x'], /^--stats-ms: expected an integer from 0 to 2147483647, got 'x'$/],
      [['--port'], /^Option '--port <value>' argument missing$/],
      [['stray'], /Unexpected argument 'stray'/],
    ];
    for (const [args, message] of cases) assert.throws(() => parseCommandLine(args), { message });
  });

  it('prints events until it is stopped, then sums up', async () => {
    const command = new Command('--port', '0', '--script', 'failed');
    const client = await RawClient.connect({ port: await command.port() });
    client.send(encodeCall(hello, 1), encodeCall([hello, hello], 2));
    assert.equal((await client.reply()).status, 1);
    assert.equal((await client.reply()).status, 0);
    command.child.kill('SIGTERM');
    assert.equal(await command.exit(), 0);
    assert.equal(
      command.stdout.replace(/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME'),
      '#1 TIME -     {a=hello} world\n#2 TIME -     {a=hello} world\n',
    );
    assert.match(command.stderr, /production run a real Flume agent/);
    assert.match(command.stderr, /^append of 1 event → script: failed$/m);
    assert.match(command.stderr, /^flume-dev-agent: 2 events, 10 bytes, 2 calls, 1 connection, 1 call not OK$/m);
    await client.destroy();
  });

  it('--filter shows what has such headers, and the sum says of how many', async () => {
    const flags = ['--filter', 'level=error', '--filter', 'level=fatal', '--filter', 'app', '--stats-ms', '20'];
    const command = new Command('--port', '0', '--output', 'json', ...flags);
    const client = await RawClient.connect({ port: await command.port() });
    const events = [
      { headers: { level: 'error', app: 'a' }, body: '1' },
      { headers: { level: 'error' }, body: '2' },
      { headers: { level: 'info', app: 'a' }, body: '3' },
      { headers: { level: 'fatal', app: '' }, body: '4' },
      { headers: {}, body: '5' },
    ];
    client.send(encodeCall(events));
    assert.equal((await client.reply()).status, 0);
    while (!command.stderr.includes('; now')) await once(command.child.stderr, 'data');
    command.child.kill('SIGINT');
    assert.equal(await command.exit(), 0);
    assert.deepEqual(command.stdout.match(/"body":"\d"/g), ['"body":"1"', '"body":"4"']);
    assert.match(command.stderr, /^flume-dev-agent: 5 events, 5 bytes; now [\d,]+ events\/s, [\d.]+ (bytes|kB)\/s$/m);
    assert.match(command.stderr, /^flume-dev-agent: 5 events, 5 bytes, 2 shown, 1 call, 1 connection$/m);
    await client.destroy();
  });

  it('colours: on a terminal but for NO_COLOR, and where they are asked for', async (t) => {
    if (spawnSync('script', ['--version']).error !== undefined) {
      t.skip('needs script(1)');
      return;
    }
    const table: [terminal: boolean, flags: string[], environment: NodeJS.ProcessEnv, coloured: boolean][] = [
      [true, [], {}, true],
      [true, [], { NO_COLOR: '1' }, false],
      [true, ['--no-color'], {}, false],
      [false, [], {}, false],
      [false, ['--color'], { NO_COLOR: '1' }, true],
    ];
    for (const [terminal, flags, environment, coloured] of table) {
      const line = [process.execPath, '--import', 'tsx', cli, '--port', '0', '--count', '1', ...flags];
      const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, ...others } = process.env;
      const child = spawn(
        terminal ? 'script' : process.execPath,
        terminal ? ['-qec', line.join(' '), '/dev/null'] : line.slice(1),
        { stdio: 'pipe', env: { ...others, TERM: 'xterm-256color', ...environment } },
      );
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
      const closed = once(child, 'close');
      let port: string | undefined;
      while ((port = /listening on 127\.0\.0\.1:(\d+) /.exec(output)?.[1]) === undefined) {
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]);
      }
      const client = await RawClient.connect({ port: Number(port) });
      client.send(encodeCall(hello));
      assert.equal((await client.reply()).status, 0);
      assert.deepEqual(await closed, [0, null]);
      const body = coloured ? '\u001b[36ma\u001b[39m=hello' : '{a=hello} world';
      assert.ok(output.includes(body), `${terminal} ${flags.join(' ')}: ${JSON.stringify(output)}`);
      await client.destroy();
    }
  });

  it('--count ends after so many events, and the client has its answer', async () => {
    const command = new Command('--port', '0', '--count', '2', '--output', 'json');
    const client = await RawClient.connect({ port: await command.port() });
    client.send(encodeCall([hello, hello, hello]));
    assert.equal((await client.reply()).status, 0);
    assert.equal(await command.exit(), 0);
    assert.equal(command.stdout, '{"headers":{"a":"hello"},"body":"world"}\n'.repeat(2));
    await client.destroy();
  });

  it('--ui serves the page and keeps the events; --format and --wrap print as they say', async () => {
    const command = new Command('--port', '0', '--ui', '0', '--format', '{header.a}: {body}', '--wrap');
    const client = await RawClient.connect({ port: await command.port() });
    while (!command.stderr.includes('the page is at')) await once(command.child.stderr, 'data');
    const [, address] = /the page is at (http:\/\/127\.0\.0\.1:\d+\/)/.exec(command.stderr) ?? [];
    client.send(encodeCall({ headers: { a: 'hello' }, body: '{"a":1}' }));
    assert.equal((await client.reply()).status, 0);
    const response = await fetch(`${address}api/events`);
    assert.equal(((await response.json()) as { events: unknown[] }).events.length, 1);
    command.child.kill('SIGTERM');
    assert.equal(await command.exit(), 0);
    assert.equal(command.stdout, 'hello: \n  {\n    "a": 1\n  }\n');
    await client.destroy();
  });

  it('--open opens the page in the browser, and says where there is none', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flume-open-'));
    const opened = path.join(folder, 'opened');
    const { PATH } = process.env;
    process.env.PATH = folder;
    const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
    try {
      const without = new Command('--port', '0', '--ui', '0', '--open');
      while (!without.stderr.includes('--open:')) await once(without.child.stderr, 'data');
      without.child.kill('SIGTERM');
      assert.equal(await without.exit(), 0);
      writeFileSync(
        path.join(folder, opener),
        `#!/bin/sh\nprintf %s "$1" > '${opened}.part'\n/bin/mv '${opened}.part' '${opened}'\n`,
      );
      chmodSync(path.join(folder, opener), 0o755);
      const watched = watch(folder);
      const changes = on(watched, 'change');
      const command = new Command('--port', '0', '--ui', '0', '--open');
      for await (const [, name] of changes) if (name === 'opened') break;
      watched.close();
      command.child.kill('SIGTERM');
      assert.equal(await command.exit(), 0);
      assert.ok(command.stderr.includes(`the page is at ${readFileSync(opened, 'utf8')}\n`), command.stderr);
    } finally {
      process.env.PATH = PATH;
      rmSync(folder, { recursive: true });
    }
  });

  it('--tls-cert and --tls-key: TLS; and without frames, in JSON, printed as TSimpleJSON', async () => {
    const tlsFile = (name: string): string => path.join(import.meta.dirname, name);
    const words = '--port 0 --unframed --protocol json --output simplejson --count 1 --tls-cert @cert --tls-key @key';
    const command = new Command(...words.split(' ').map((word) => word.replace(/^@(.*)/, tlsFile('localhost.$1.pem'))));
    const port = await command.port();
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const closed = once(socket, 'close');
    await once(socket, 'secureConnect');
    socket.write('[1,"append",1,7,{"1":{"rec":{"1":{"map":["str","str",1,{"a":"b"}]},"2":{"str":"Yf9i"}}}}]');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    assert.equal(reply.toString(), '[1,"append",2,7,{"0":{"i32":0}}]');
    assert.equal(await command.exit(), 0);
    assert.equal(command.stdout, '{"headers":{"a":"b"},"body":"a\ufffdb","bodyBase64":"Yf9i"}\n');
    assert.match(command.stderr, /listening on 127\.0\.0\.1:\d+ \(json, unframed, TLS\)/);
    socket.destroy();
    await closed;
  });

  it('a certificate that cannot be read: one line, exit 1', async () => {
    const key = path.join(import.meta.dirname, 'localhost.key.pem');
    const command = new Command('--port', '0', '--tls-cert', '/no/such.pem', '--tls-key', key);
    assert.equal(await command.exit(), 1);
    assert.match(command.stderr, /^flume-dev-agent: --tls-cert: ENOENT: [^\n]*\/no\/such\.pem'\n$/);
  });

  it('a port in use: one line, exit 1', async () => {
    await using agent = await startDevAgent({ port: 0 });
    const command = new Command('--port', String(agent.port));
    assert.equal(await command.exit(), 1);
    assert.equal(
      command.stderr,
      `flume-dev-agent: 127.0.0.1:${agent.port} is in use; another --port (0 takes a free one) may help\n`,
    );
    const second = new Command('--port', '0', '--ui', String(agent.port));
    assert.equal(await second.exit(), 1);
    assert.equal(second.stderr, `flume-dev-agent: --ui: port ${agent.port} is in use; 0 takes a free one\n`);
  });

  it('bad usage: one line, exit 2; --help and --version: exit 0', async () => {
    const [bad, help, version] = [new Command('--prot', '1'), new Command('--help'), new Command('--version')];
    assert.equal(await bad.exit(), 2);
    assert.match(
      bad.stderr,
      /^flume-dev-agent: Unknown option '--prot', did you mean --port\? \(--help shows examples\)\n$/,
    );
    assert.equal(await help.exit(), 0);
    assert.match(help.stdout, /^Usage: flume-dev-agent[^]*--script 'failed\*3,delay:2000,reset'/);
    assert.equal(await version.exit(), 0);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\S*\n$/);
  });
});
