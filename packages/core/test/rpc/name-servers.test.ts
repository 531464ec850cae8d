// A look-up begins only where a name server answers, and can be given up before: no process waits for one that does not.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { whenAnswered } from '../../src/rpc/name-servers.ts';

const index = new URL('../../src/index.ts', import.meta.url);
const isLinux = process.platform === 'linux';

describe('whenAnswered', { skip: !isLinux }, () => {
  let server: dgram.Socket;
  let asked: Buffer[] = [];

  beforeEach(async () => {
    asked = [];
    server = dgram.createSocket('udp4');
    server.on('message', (question) => asked.push(question));
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    mock.method(dns, 'getServers', () => [`127.0.0.1:${server.address().port}`]);
  });
  afterEach(async () => {
    mock.restoreAll();
    server.close();
    await once(server, 'close');
  });

  it('asks for the name, and goes on when anything is answered', async () => {
    server.on('message', (question, { port, address }) => server.send(question.subarray(0, 12), port, address));
    await new Promise<void>((resolve) => whenAnswered('Flume-1.example.', resolve));
    const [question] = asked;
    assert.equal(
      question?.subarray(2).toString('latin1'),
      '\x01\0\0\x01\0\0\0\0\0\0\x07Flume-1\x07example\0\0\x01\0\x01',
    );
  });

  it('goes on where nobody listens', async () => {
    const nobody = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address();
    nobody.close();
    mock.method(dns, 'getServers', () => [`127.0.0.1:${port}`]);
    await new Promise<void>((resolve) => whenAnswered('flume-1.example', resolve));
  });

  it('asks again, and nothing more when it is given up', async () => {
    const giveUp = whenAnswered('flume-1.example', () => assert.fail('nobody has answered'));
    while (asked.length < 2) await once(server, 'message');
    assert.deepEqual(asked[0], asked[1]);
    giveUp();
    giveUp();
  });

  for (const name of [
    '127.0.0.1',
    '::1',
    'localhost',
    'LOCALHOST.',
    'printer.local',
    'a..b',
    `${'x'.repeat(64)}.example`,
  ]) {
    it(`does not ask for ${name}`, () => {
      let isAnswered = false;
      whenAnswered(name, () => {
        isAnswered = true;
      });
      assert.ok(isAnswered);
    });
  }

  for (const [what, act] of [
    ['put()', "agent.put({ body: 'x' });"],
    ['ready()', 'agent.ready({ timeoutMs: 100 }).catch(() => {});'],
    ['close()', "agent.put({ body: 'x' }); setTimeout(() => agent.close(), 100);"],
  ] as const) {
    it(`a process ends within closeTimeoutMs after ${what}, whatever the name servers do`, async () => {
      const program = `import dns from 'node:dns'; import { EmbeddedAgent } from ${JSON.stringify(index.href)};
        dns.setServers(['127.0.0.1:${server.address().port}']);
        const agent = new EmbeddedAgent({ agents: 'flume-1.example:4141', tls: false, closeTimeoutMs: 300 });
        agent.on('warning', () => {});
        ${act}
        const began = performance.now();
        process.on('exit', () => console.log(performance.now() - began));`;
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let output = '';
      child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(code, 0);
      assert.ok(asked.length > 0, 'the name server was asked');
      // Starting a worker for the last delivery, and a loaded machine, take some time too.
      assert.ok(Number(output) < 4_000, output);
    });
  }
});
