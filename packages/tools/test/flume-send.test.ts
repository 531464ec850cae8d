// flume-send, as a child process.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { leakCheck } from '../../core/test/leak-check.ts';
import { type DevAgent, startDevAgent } from '../../dev-agent/src/index.ts';
import { command, run, start, startProgram } from './child.ts';

describe('flume-send', () => {
  leakCheck();
  let folder = '';
  const at = (name: string): string => path.join(folder, name);
  const port = (agent: DevAgent): string[] => ['--port', `${agent.port}`];
  const bodies = (agent: DevAgent): string[] => agent.events.map(({ body }) => String(body));

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'flume-send-'));
    await mkdir(at('logs/below'), { recursive: true });
    await writeFile(at('logs/a.log'), 'a1\r\n\r\na2\n\na3');
    await writeFile(at('logs/b.log'), 'b1\nb\rb\n');
    await writeFile(at('logs/.hidden'), 'hidden\n');
    await writeFile(at('headers.properties'), '# of the shop\napp = shop\n\n!x\nquery=a=b\nstage=file\n');
  });
  after(() => rm(folder, { recursive: true }));

  it('sends files, folders and stdin in their order, line by line', async () => {
    await using agent = await startDevAgent({ port: 0 });
    const args = [...port(agent), '-F', at('logs/b.log'), '--dirname', at('logs'), '-', '--file-name-header', 'file'];
    const { code, stdout, stderr } = await run(args, 'in\nend');
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /^flume-send: 9 lines of 4 inputs acknowledged in \d+\.\d s, [\d,]+ lines?\/s\n$/);
    assert.deepEqual(bodies(agent), ['b1', 'b\rb', 'a1', 'a2', 'a3', 'b1', 'b\rb', 'in', 'end']);
    const names = agent.events.map(({ headers }) => headers.file);
    assert.deepEqual([names[0], names[2], names[8]], [at('logs/b.log'), at('logs/a.log'), undefined]);
  });

  it('adds headers, those of flags over those of a file', async () => {
    await using agent = await startDevAgent({ port: 0 });
    const args = [...port(agent), '-R', at('headers.properties'), '--header', 'stage=flag', '--quiet'];
    assert.deepEqual(await run(args, 'x\n'), { code: 0, stdout: '', stderr: '' });
    const { timestamp = '', ...others } = agent.events[0]?.headers ?? {};
    assert.match(timestamp, /^\d{13}$/);
    assert.deepEqual(others, { host: hostname(), app: 'shop', query: 'a=b', stage: 'flag' });
  });

  it("takes Java's properties as a header file, as avro-client does", async () => {
    await using agent = await startDevAgent({ port: 0 });
    const text = 'level: info\napp = shop\n! no header\nzone eu\\\n  -1\nname\\:x=gr\\u00f6\u00dfe\n';
    await writeFile(at('java.properties'), text);
    const args = [...port(agent), '-R', at('java.properties'), '--preset', 'none', '-q'];
    assert.deepEqual(await run(args, 'x\n'), { code: 0, stdout: '', stderr: '' });
    const expected = { level: 'info', app: 'shop', zone: 'eu-1', 'name:x': 'gr\u00f6\u00dfe' };
    assert.deepEqual({ ...agent.events[0]?.headers }, expected);
  });

  it('sets what an HDFS sink wants, unless told otherwise', async () => {
    await using agent = await startDevAgent({ port: 0 });
    const presets: [string[], string[]][] = [
      [[], ['host', 'timestamp']],
      [['--preset', 'none'], []],
      [
        ['--preset', 'kafka'],
        ['host', 'key', 'timestamp'],
      ],
      [
        ['--header', 'timestamp=1700000000000', '--header', 'host=h'],
        ['host', 'timestamp'],
      ],
    ];
    for (const [index, [flags, names]] of presets.entries()) {
      assert.equal((await run([...port(agent), ...flags], 'x\n')).code, 0);
      assert.deepEqual(Object.keys(agent.events[index]?.headers ?? {}).sort(), names);
    }
    assert.deepEqual({ ...agent.events[3]?.headers }, { timestamp: '1700000000000', host: 'h' });
    const wrong = await run([...port(agent), '--header', 'timestamp=1e30'], 'x\n');
    assert.deepEqual([wrong.code, agent.received], [2, presets.length]);
    assert.match(wrong.stderr, /timestamp/);
  });

  it('sends dead letters and exports back as they were, and says which lines are none', async () => {
    await using agent = await startDevAgent({ port: 0 });
    const events = [
      { headers: { a: '1', timestamp: '1700000000000' }, body: 'gr\u00f6\u00dfe' },
      { headers: {}, body: '\ufffd', bodyBase64: Buffer.from([0xff, 0]).toString('base64') },
      { headers: { timestamp: '1e30' }, body: '' },
    ];
    const lines = events.map((event) => JSON.stringify(event));
    const input = [lines[0], '{"headers":{}}', lines[1], '[1]', lines[2], '{'].join('\n');
    const { code, stderr } = await run([...port(agent), '--input', 'simplejson', '--header', 'again=yes'], input);
    assert.equal(code, 1);
    assert.match(stderr, /^flume-send: stdin: 3 lines are no events; line 2: body: no text$/m);
    assert.match(stderr, /^flume-send: a timestamp that is no time in milliseconds is sent as the time of arrival$/m);
    const arrived = agent.events.map(({ headers, body }) => [{ ...headers }, body.toString('hex')]);
    assert.deepEqual(arrived.slice(0, 2), [
      [{ a: '1', timestamp: '1700000000000', again: 'yes' }, Buffer.from('gr\u00f6\u00dfe').toString('hex')],
      [{ again: 'yes' }, 'ff00'],
    ]);
    assert.match(agent.events[2]?.headers.timestamp ?? '', /^\d{13}$/);
    assert.match((await run(['--input', 'json'])).stderr, /^flume-send: --input: expected lines or simplejson/);
  });

  it('inspects: prints what it would send, which can be sent, and sends nothing', async () => {
    await using agent = await startDevAgent({ port: 0 });
    const args = [...port(agent), '--header', 'app=shop', '--preset', 'hdfs', '--file-name-header', 'file'];
    const seen = await run([...args, '--inspect', at('logs/a.log')]);
    assert.deepEqual([seen.code, seen.stderr, agent.connectionsTotal], [0, '', 0]);
    const printed = seen.stdout.trimEnd().split('\n');
    const first = JSON.parse(printed[0] ?? '') as { headers: Record<string, string>; body: string };
    assert.equal(printed.length, 3);
    assert.deepEqual([first.body, first.headers.app, first.headers.file], ['a1', 'shop', at('logs/a.log')]);
    assert.equal((await run([...port(agent), '--input', 'simplejson'], seen.stdout)).code, 0);
    assert.deepEqual({ ...agent.events[0]?.headers }, first.headers);
    assert.deepEqual(bodies(agent), ['a1', 'a2', 'a3']);
  });

  it('is wrong in one line, with status 2, before anything is sent', async () => {
    await writeFile(at('channel.json'), '{ "channel": { "type": "file", "dir": "spool" } }');
    await writeFile(at('wrong.properties'), 'a=b\nc\n');
    await mkdir(at('empty'));
    const table: [string[], string][] = [
      [[at('logs/a.log'), at('none.log')], `${at('none.log')}: no such file`],
      [[at('empty')], `${at('empty')}: no files in this folder`],
      [['--agnet', 'x'], "Unknown option '--agnet', did you mean --agent?"],
      [['--url', 'x'], "Unknown option '--url', here it is --agent"],
      [['--labels', 'x'], "Unknown option '--labels', here it is --header"],
      [['--flush-interval', 'x'], "Unknown option '--flush-interval', here it is --linger-ms"],
      [['--give-up-ms', '0'], "--give-up-ms: expected an integer >= 1, got '0'"],
      [['--batch-size', '0'], '--batch-size: expected an integer >= 1, got 0'],
      [
        ['-R', at('wrong.properties')],
        `--header-file: ${at('wrong.properties')}, line 2: expected name=value or name: value, got 'c'`,
      ],
      [['--config', at('channel.json')], 'channel: expected none; what is not sent yet is still in its file'],
    ];
    await Promise.all(
      table.map(async ([args, message]) => {
        const stderr = `flume-send: ${message} (--help shows examples)\n`;
        assert.deepEqual(await run(args), { code: 2, stdout: '', stderr });
      }),
    );
  });

  it('matches patterns where Node can, and says where it cannot', async () => {
    await using agent = await startDevAgent({ port: 0 });
    const { code, stderr } = await run([...port(agent), at('logs/*.log'), at('logs/[')]);
    assert.equal(code, 2);
    const major = Number(process.versions.node.split('.')[0]);
    if (major < 22) assert.match(stderr, /\*\.log: no such file; patterns need Node 22 or a shell/);
    else assert.match(stderr, /logs\/\[: matches no file/);
    if (major >= 22) {
      assert.equal((await run([...port(agent), at('logs/*.log')])).code, 0);
      assert.deepEqual(bodies(agent), ['a1', 'a2', 'a3', 'b1', 'b\rb']);
    }
  });

  it('no agent: gives up, and tells how far each file got', async () => {
    const agent = await startDevAgent({ port: 0 });
    await agent.close();
    const { code, stderr } = await run([...port(agent), '--give-up-ms', '300', at('logs/a.log'), at('logs/b.log')]);
    assert.equal(code, 1);
    assert.match(stderr, /^flume-send: Flume agent 127\.0\.0\.1:\d+: cannot connect: /);
    assert.match(stderr, /^flume-send: nothing was acknowledged for 300 ms \(--give-up-ms\)$/m);
    assert.ok(stderr.includes(`flume-send: ${at('logs/a.log')}: nothing of 3 lines acknowledged`), stderr);
    assert.ok(stderr.includes(`flume-send: ${at('logs/b.log')}: nothing was sent\n`), stderr);
    assert.match(stderr, /flume-send: 0 of 3 lines of 2 inputs acknowledged in .*\n$/);
  });

  it('an agent that stops to answer in the middle: as far as it got', async () => {
    await using agent = await startDevAgent({ port: 0, script: ['ok', 'ok', { repeat: Infinity, step: 'failed' }] });
    const args = [
      '--batch-size',
      '1',
      '--max-in-flight',
      '1',
      '--give-up-ms',
      '500',
      at('logs/b.log'),
      at('logs/a.log'),
    ];
    const { code, stderr } = await run([...port(agent), ...args]);
    assert.equal(code, 1);
    assert.ok(!stderr.includes('b.log'), stderr);
    assert.ok(stderr.includes(`flume-send: ${at('logs/a.log')}: nothing of 3 lines acknowledged\n`), stderr);
    assert.match(stderr, /flume-send: 2 of 5 lines of 2 inputs acknowledged/);
  });

  it('lines that are given up are told, and the status is 1', async () => {
    // For good: one refusal of several lines does not say which of them is meant.
    await using agent = await startDevAgent({ port: 0, script: [{ repeat: Infinity, step: 'error' }] });
    const { code, stderr } = await run([...port(agent), '--retry-max-attempts', '1', at('logs/a.log')]);
    assert.equal(code, 1);
    assert.ok(stderr.includes(`${at('logs/a.log')}: nothing of 3 lines acknowledged\n`), stderr);
    assert.match(stderr, /^flume-send: 3 lines given up: attempts$/m);
  });

  it('a file of 100 MB with a heap of 24 MB, and lines without end', async () => {
    await using agent = await startDevAgent({ port: 0, protocol: 'binary', keepEvents: 1 });
    const file = createWriteStream(at('large.log'));
    for (let n = 0; n < 100; n++) {
      const block = `${`${n} ${'x'.repeat(2_000)}\n`.repeat(500)}`;
      if (!file.write(block)) await once(file, 'drain');
    }
    // Nothing holds a line of 40 MB: it is cut.
    for (let n = 0; n < 40; n++) if (!file.write(Buffer.alloc(1e6, 'y'))) await once(file, 'drain');
    file.end('\n');
    await once(file, 'close');
    const args = [...port(agent), '--protocol', 'binary', at('large.log')];
    const { child, outcome } = start(args, ['--max-old-space-size=24']);
    child.stdin?.end();
    const { code, stderr } = await outcome;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^flume-send: 1 line cut to --max-event-bytes: see the header truncated$/m);
    assert.match(stderr, /^flume-send: 50,001 lines of 1 input acknowledged/m);
    assert.equal(agent.received, 50_001);
    const { headers, body } = agent.events[0] ?? {};
    assert.ok(body !== undefined && body.length > 1_000_000 && body.length <= 1024 * 1024);
    assert.equal(headers?.truncated, String(40e6));
  });

  it('Ctrl-C: reads no further, drains, tells, and ends with 130', async () => {
    await using agent = await startDevAgent({ port: 0 });
    const { child, outcome } = start([...port(agent), '--linger-ms', '1', '-', at('logs/a.log')]);
    child.stdin?.write('one\ntwo\n');
    await agent.waitFor(2, { timeoutMs: 30_000 });
    child.kill('SIGINT');
    const { code, stderr } = await outcome;
    assert.equal(code, 130);
    assert.match(stderr, /^flume-send: stdin: 2 of 2 lines acknowledged, not read to its end$/m);
    assert.ok(stderr.includes(`flume-send: ${at('logs/a.log')}: nothing was sent\n`), stderr);
  });

  it('Ctrl-C twice: ends at once, and tells', async () => {
    const agent = await startDevAgent({ port: 0 });
    await agent.close();
    const { child, outcome, stderr } = start([...port(agent), at('logs/a.log')]);
    while (!stderr().includes('cannot connect')) await once(child.stderr ?? child, 'data');
    // Two signals that come together are one.
    const again = setInterval(() => child.kill('SIGINT'), 20);
    const { code } = await outcome;
    clearInterval(again);
    assert.equal(code, 130);
    assert.match(stderr(), /a\.log: nothing of 3 lines acknowledged/);
  });

  const script = spawnSync('script', ['--version']).error === undefined;
  it('shows a bar on a terminal, and takes it away', { skip: !script && 'needs script(1)' }, async () => {
    await using agent = await startDevAgent({ port: 0, latencyMs: 300 });
    await writeFile(at('slow.log'), 'x\n'.repeat(300));
    const line = [process.execPath, command, ...port(agent), '--max-in-flight', '1', at('slow.log')].join(' ');
    const { child, outcome } = startProgram('script', ['-qec', line, '/dev/null']);
    child.stdin?.end();
    const { code, stdout } = await outcome;
    assert.equal(code, 0, stdout);
    const told = stdout.replaceAll('\u001b[K', '<clear>');
    assert.match(told, /\rflume-send {2}\[#{20}\] 100 % {2}100 lines, [\d,]+ lines?\/s<clear>/);
    assert.match(told, /\r<clear>flume-send: 300 lines of 1 input acknowledged/);
  });

  it('explains itself', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(
      stdout,
      /^Usage: flume-send [^]*tail -F app\.log \| flume-send --agent flume-1:4141[^]*FLUME_LINGER_MS/,
    );
    assert.ok(stdout.split('\n').every((line) => line.length <= 120));
    const readme = await readFile(path.join(import.meta.dirname, '../README.md'), 'utf8');
    const section = readme.split('\n## flume-send\n')[1]?.split('\n## ')[0] ?? '';
    const told = [...section.matchAll(/(?<![\w.-])--?[a-z][\w-]*/g)].map(([flag]) => flag);
    // These belong to npx, to tail, and to the client that it is compared with.
    const foreign = ['-p', '--headerFile', '--rpcProps', '-P'];
    const unknown = told.filter((flag) => !foreign.includes(flag) && !new RegExp(`${flag}\\b`).test(stdout));
    assert.deepEqual(unknown, [], 'flags of the README');
    assert.match((await run(['-v'])).stdout, /^\d+\.\d+\.\d+\S*\n$/);
  });
});
