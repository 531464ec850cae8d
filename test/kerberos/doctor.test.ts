// flume-doctor at real agents with kerberos = true.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { doctor } from '../flume/doctor.ts';
import type { FlumeAgent } from '../flume/flume-agent.ts';
import { createKeystore } from '../flume/keystore.ts';
import { agentPrincipal, startKerberosAgent } from './kerberos-agent.ts';
import { type Realm, startRealm } from './realm.ts';
import { requireInstalled } from './requirements.ts';

requireInstalled();

const folder = mkdtempSync(path.join(tmpdir(), 'flume-doctor-'));
let realm: Realm;
let keytab: string;
let plain: FlumeAgent;
let encrypted: FlumeAgent;

before(async () => {
  realm = await startRealm();
  const agentKeytab = realm.addPrincipal(agentPrincipal);
  keytab = realm.addPrincipal('client');
  process.env.KRB5_CONFIG = realm.config;
  process.env.KRB5CCNAME = path.join(folder, 'none');
  const sink = { sink: { type: 'null' } } as const;
  [plain, encrypted] = await Promise.all([
    startKerberosAgent(realm, agentKeytab, sink),
    startKerberosAgent(realm, agentKeytab, { ...sink, tls: createKeystore(folder) }),
  ]);
});

after(async () => {
  await Promise.all([plain?.stop(), encrypted?.stop()]);
  await realm?.stop();
  rmSync(folder, { recursive: true });
});

/** Of the address that the agents are bound to. */
async function tells(code: number, args: readonly string[], says: RegExp): Promise<void> {
  const visit = await doctor(args, import.meta.dirname);
  assert.match(visit.output, says);
  assert.equal(visit.code, code, visit.output);
}

const asClient = () => ['--kerberos-keytab', keytab, '--kerberos-host', 'localhost'];
const at = (agent: FlumeAgent) => `127.0.0.1:${agent.port}`;

test('without the option, it says that the source has Kerberos, and needs no ticket for that', async () => {
  await tells(1, [at(plain)], /speaks Kerberos \(SASL\)\n.*! it has kerberos = true\n +set {2}kerberos: true/s);
  const says = /speaks Kerberos \(SASL\), TLS\n.*! it speaks TLS\n.*! it has kerberos = true/s;
  await tells(1, [at(encrypted)], says);
});

test('with it, that all is well', async () => {
  await tells(0, [...asClient(), at(plain)], /Thrift: compact, framed, Kerberos\n.*well/s);
  const tls = ['--tls-ca', path.join(folder, 'certificate.pem')];
  await tells(0, [...asClient(), ...tls, at(encrypted)], /Thrift: compact, framed, TLS, Kerberos\n.*well/s);
});

test('without a ticket, what Kerberos says', () =>
  tells(
    1,
    ['--kerberos', '--kerberos-host', 'localhost', at(plain)],
    /! Kerberos: No Kerberos credentials available .*kinit/,
  ));
