// What stands under the option tls: taken in every form that people have it in, kept as it was, and never shown.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { startDevAgent } from '../../dev-agent/src/index.ts';
import { EmbeddedAgent, FlumeClient, type TlsOptions } from '../src/index.ts';
import { authority, certificate } from './certificates.ts';

const names = ['127.0.0.1'];
const ca = await authority('Test authority');
const good = await certificate('agent', { by: ca, names });
const selfSigned = await certificate('agent', { names });
const client = await certificate('client', { by: ca });
const mutual = { ...good, requestCert: true, ca: ca.cert };
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const folder = fs.mkdtempSync(path.join(tmpdir(), 'flume-tls-'));
after(() => fs.rmSync(folder, { recursive: true }));

/** Sends an event. @returns undefined, or why that failed with all that the error has */
async function failure(
  tls: TlsOptions,
  server: object = mutual,
  meanwhile = (): void => {},
): Promise<string | undefined> {
  await using source = await startDevAgent({ port: 0, tls: server });
  await using flume = new FlumeClient({ port: source.port, tls });
  meanwhile();
  try {
    await flume.connect();
    await flume.append({ body: 'hello' });
    return undefined;
  } catch (error) {
    return inspect(error, { depth: 9, showHidden: true });
  }
}

describe('certificates and keys', () => {
  it('may be base64 of their PEM, on one line or several, as in an environment', async () => {
    for (const spelt of [base64, (text: string) => base64(text).replace(/.{76}/g, '$&\n')]) {
      const tls = { ca: spelt(ca.cert), cert: spelt(client.cert), key: spelt(client.key) };
      assert.equal(await failure(tls), undefined);
    }
  });

  it('of PKCS#12 may be base64', async () => {
    const pfx = fs.readFileSync(path.join(import.meta.dirname, 'client.p12')).toString('base64');
    assert.equal(await failure({ ca: ca.cert, pfx, passphrase: 'secret' }, good), undefined);
    const wrong = await failure({ ca: ca.cert, pfx, passphrase: 'Canary passphrase' }, good);
    assert.match(wrong ?? '', /tls\.passphrase: it does not open tls\.pfx/);
    assert.doesNotMatch(wrong ?? '', /Canary/);
  });

  it('in another form are refused at construction, without being shown', () => {
    const der = createPrivateKey(client.key).export({ type: 'pkcs8', format: 'der' }).toString('base64');
    const { cert } = client;
    const wrong: [TlsOptions, RegExp][] = [
      [{ cert, key: der }, /^tls\.key: expected PEM text, .* got other text: its BEGIN and END lines belong to it$/],
      [{ cert, key: `${der}\n` }, /^tls\.key: .* its BEGIN and END lines belong to it$/],
      [
        { cert, key: 'two\nlines' },
        /^tls\.key: expected PEM text, base64 of it, the path of a file, or bytes, got other/,
      ],
      [{ cert, key: 'x'.repeat(2_000) }, /^tls\.key: .* got other text$/],
      [
        { ca: [ca.cert, base64('something else that is as long as a key would be, and more, and more'.repeat(2))] },
        /never/,
      ],
      [
        { pfx: base64(client.key) },
        /^tls\.pfx: expected PKCS#12 as bytes or as base64, or the path of a file, got other/,
      ],
    ];
    for (const [tls, message] of wrong) {
      if (message.source === 'never') assert.doesNotThrow(() => new FlumeClient({ tls }));
      else assert.throws(() => new FlumeClient({ tls }), { code: 'ERR_FLUME_OPTION', message });
    }
  });

  it('that are no path and no key are tried as a file, whose name is shown only where it is like one', async () => {
    assert.match((await failure({ ca: '/no/such.pem' }, good)) ?? '', /tls\.ca: cannot read \/no\/such\.pem: ENOENT/);
    for (const secret of ['Canary-passphrase', 'Canary passphrase!', 'canary/passphrase']) {
      const text = (await failure({ ca: secret }, good)) ?? '';
      assert.match(text, /tls\.ca: cannot read the file of that name: ENOENT/);
      assert.doesNotMatch(text, /canary/i);
    }
  });

  it('are no FIFO, which would hold the process, and may be behind a link that is changed for a new one', async () => {
    const fifo = path.join(folder, 'fifo.pem');
    execFileSync('mkfifo', [fifo]);
    for (const tls of [{ ca: fifo }, { cert: client.cert, key: fifo }, { pfx: fifo }]) {
      assert.match((await failure(tls, good)) ?? '', /cannot read .*fifo\.pem: .*is no file/);
    }
    fs.writeFileSync(path.join(folder, 'real.pem'), ca.cert);
    fs.symlinkSync('real.pem', path.join(folder, 'link.pem'));
    assert.equal(await failure({ ca: path.join(folder, 'link.pem') }, good), undefined);
  });
});

describe('after construction', () => {
  it('nothing on Object.prototype switches verification off, or adds an authority', async () => {
    const prototype = Object.prototype as Record<string, unknown>;
    const planted = { rejectUnauthorized: false, ca: selfSigned.cert, checkServerIdentity: () => undefined };
    for (const tls of [{}, { ca: ca.cert }]) {
      const text = await failure(tls, selfSigned, () => {
        for (const [key, value] of Object.entries(planted)) {
          Object.defineProperty(prototype, key, { value, configurable: true, writable: true, enumerable: false });
        }
      }).finally(() => {
        for (const key of Object.keys(planted)) delete prototype[key];
      });
      assert.match(text ?? 'it was trusted', /self-signed certificate/);
    }
  });

  it('what was given may change: it was copied', async () => {
    const tls = { ca: [ca.cert], rejectUnauthorized: true };
    await using source = await startDevAgent({ port: 0, tls: selfSigned });
    await using agent = new EmbeddedAgent({ agents: [{ host: '127.0.0.1', port: source.port, tls }] });
    agent.on('warning', () => {});
    tls.rejectUnauthorized = false;
    tls.ca[0] = selfSigned.cert;
    await assert.rejects(agent.ready({ timeoutMs: 500 }), /self-signed certificate/);
    await agent.close({ timeoutMs: 0 });
  });
});

it('the names in a certificate do not fill a log', async () => {
  const many = Array.from({ length: 1_500 }, (_, index) => `host-${index}.a-rather-long-name.example.com`);
  const crowded = await certificate('agent', { by: ca, names: many });
  await using source = await startDevAgent({ port: 0, tls: crowded });
  const agent = new EmbeddedAgent({ host: 'localhost', port: source.port, tls: { ca: ca.cert } });
  const warnings: Error[] = [];
  agent.on('warning', (warning) => warnings.push(warning));
  agent.put({ body: 'x' });
  await agent.ready({ timeoutMs: 1_000 }).catch(() => {});
  const stats = JSON.stringify(agent.stats());
  await agent.close({ timeoutMs: 0 });
  assert.match(stats, /use the name that its certificate has/);
  assert.ok(stats.length < 3_000, `${stats.length}`);
  assert.ok(warnings.length > 0);
  for (const warning of warnings) assert.ok(inspect(warning, { depth: 9 }).length < 10_000);
});
