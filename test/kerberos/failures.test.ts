// What goes wrong with Kerberos has a message of its own each, where it can be told from outside; real agents and a real KDC.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FlumeClient, type FlumeClientOptions, FlumeError } from 'flume-thrift-client';
import { type FlumeAgent, startFlumeAgent } from '../flume/flume-agent.ts';
import { createKeystore, type Keystore } from '../flume/keystore.ts';
import { freePorts } from '../flume/ports.ts';
import { withEnvironment } from './environment.ts';
import { agentPrincipal, startKerberosAgent } from './kerberos-agent.ts';
import { type Realm, startRealm } from './realm.ts';
import { requireInstalled } from './requirements.ts';

requireInstalled();

const folder = mkdtempSync(path.join(tmpdir(), 'flume-kerberos-'));
const closer = net.createServer((socket) => socket.end());
const web = net.createServer((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
const portOf = (server: net.Server) => (server.address() as net.AddressInfo).port;
let nobody = 0;
let realm: Realm;
let keytab: string;
let otherKeytab: string;
let keystore: Keystore;
let agent: FlumeAgent;
let tlsAgent: FlumeAgent;
let withoutKerberos: FlumeAgent;
let onlyTls: FlumeAgent;

before(async () => {
  realm = await startRealm();
  const agentKeytab = realm.addPrincipal(agentPrincipal);
  keytab = realm.addPrincipal('client');
  otherKeytab = realm.addPrincipal('other');
  realm.addPrincipal('hdfs/localhost');
  keystore = createKeystore(folder);
  process.env.KRB5_CONFIG = realm.config;
  process.env.KRB5CCNAME = path.join(folder, 'none');
  const sink = { sink: { type: 'null' } } as const;
  [agent, tlsAgent, withoutKerberos, onlyTls] = await Promise.all([
    startKerberosAgent(realm, agentKeytab, sink),
    startKerberosAgent(realm, agentKeytab, { ...sink, tls: keystore }),
    startFlumeAgent(sink),
    startFlumeAgent({ ...sink, tls: keystore }),
  ]);
  for (const server of [closer, web]) await once(server.listen(0, '127.0.0.1'), 'listening');
  [nobody = 0] = await freePorts(1);
  writeFileSync(path.join(folder, 'no.keytab'), 'text');
  realm.ticket('client', keytab, 1, 'expired.cache');
  await delay(2_000);
});

after(async () => {
  for (const server of [closer, web]) server.close();
  await Promise.all([agent, tlsAgent, withoutKerberos, onlyTls].map((one) => one?.stop()));
  await realm?.stop();
  rmSync(folder, { recursive: true });
});

type Environment = Readonly<Record<string, string>>;

interface Trouble {
  readonly what: string;
  readonly options?: () => FlumeClientOptions;
  readonly environment?: () => Environment;
  readonly says: RegExp;
}

const byKeytab = (more: object = {}) => ({ kerberos: { principal: 'client', keytab, ...more } });
const byCache = () => ({ kerberos: true });
const tls = () => ({ tls: { ca: keystore.certificate } });
const realmWith = (kdc: string) => ({
  KRB5_CONFIG: realm.otherConfig('other.conf', (text) => text.replace(/^ +kdc = .*$/m, kdc)),
});

const troubles: readonly Trouble[] = [
  {
    what: 'no ticket',
    options: byCache,
    says: /Kerberos: No Kerberos credentials available .*get a ticket with kinit .*kerberos\.keytab/,
  },
  {
    what: 'a ticket that has expired',
    options: byCache,
    environment: () => ({ KRB5CCNAME: path.join(realm.directory, 'expired.cache') }),
    says: /Kerberos: Ticket expired \(get a new one with kinit, or set kerberos\.keytab/,
  },
  {
    what: 'a ticket cache of another principal',
    options: () => ({ kerberos: { principal: 'client' } }),
    environment: () => ({ KRB5CCNAME: realm.ticket('other', otherKeytab) }),
    says: /Can't find client principal client@TEST\.REALM .*the ticket cache is of another principal/,
  },
  {
    what: 'a service that the KDC does not know',
    options: () => byKeytab({ service: 'hbase' }),
    says: /Server hbase\/localhost@TEST\.REALM not found .*the KDC knows no hbase\/localhost: kerberos\.service/,
  },
  {
    what: 'a host that the KDC does not know',
    options: () => byKeytab({ host: 'flume-1' }),
    says: /Server flume\/flume-1@TEST\.REALM not found .*kerberos\.host are the parts of the agent's agent-principal/,
  },
  {
    what: 'an address in place of a name',
    options: () => ({ ...byKeytab(), host: '127.0.0.1' }),
    says: /Server flume\/127\.0\.0\.1@TEST\.REALM not found/,
  },
  {
    what: 'the name of another service',
    options: () => byKeytab({ service: 'hdfs' }),
    says: /the agent refuses the ticket: GSS initiate failed \(its log says why: is hdfs\/localhost its agent-principal/,
  },
  {
    what: 'a keytab that is not there',
    options: () => ({ kerberos: { keytab: '/nowhere/client.keytab' } }),
    says: /cannot connect: kerberos\.keytab: cannot read \/nowhere\/client\.keytab: ENOENT/,
  },
  {
    what: 'a keytab that is none',
    options: () => ({ kerberos: { keytab: path.join(folder, 'no.keytab') } }),
    says: /kerberos\.keytab is no keytab, or one without a key/,
  },
  {
    what: 'a keytab of another principal',
    options: () => byKeytab({ keytab: otherKeytab }),
    says: /kerberos\.keytab has no key of kerberos\.principal/,
  },
  {
    what: 'no realm',
    options: () => byKeytab(),
    environment: () => ({ KRB5_CONFIG: '/nowhere/krb5.conf' }),
    says: /Kerberos: .*default realm.*krb5\.conf/,
  },
  {
    what: 'no KDC',
    options: () => byKeytab(),
    environment: () => realmWith(''),
    says: /Cannot find KDC for realm "TEST\.REALM" \(it is set in krb5\.conf/,
  },
  {
    what: 'a KDC that is down',
    options: () => byKeytab(),
    environment: () => realmWith(`kdc = 127.0.0.1:${nobody}`),
    says: /Cannot contact any KDC for realm 'TEST\.REALM' \(is the KDC that krb5\.conf names running/,
  },
  {
    what: 'an agent without Kerberos',
    options: () => ({ ...byKeytab(), port: withoutKerberos.port }),
    says: /no answer to the Kerberos handshake within 5000 ms \(connectTimeoutMs\): does its source have kerberos = true/,
  },
  {
    what: 'an agent with TLS alone, to both',
    options: () => ({ ...byKeytab(), ...tls(), port: onlyTls.port }),
    says: /closed the connection in the Kerberos handshake: does its source have kerberos = true/,
  },
  {
    what: 'an agent with both, to Kerberos alone',
    options: () => ({ ...byKeytab(), port: tlsAgent.port }),
    says: /the agent speaks TLS: set the option tls/,
  },
  {
    what: 'an agent with Kerberos alone, to both',
    options: () => ({ ...byKeytab(), ...tls() }),
    says: /closed the connection in the TLS handshake: does it speak TLS/,
  },
  {
    what: 'an agent with both, to TLS alone',
    options: () => ({ ...tls(), port: tlsAgent.port }),
    says: /without an answer: .* Kerberos \(the option kerberos\)/,
  },
  {
    what: 'an agent with Kerberos, to neither',
    says: /without an answer: .* TLS or Kerberos \(the options tls and kerberos\)/,
  },
  {
    what: 'a proxy without an agent',
    options: () => ({ ...byKeytab(), port: portOf(closer) }),
    says: /closed the connection in the Kerberos handshake.*has it a thread left \(threads\), or is it a proxy/,
  },
  {
    what: 'a web server',
    options: () => ({ ...byKeytab(), port: portOf(web) }),
    says: /the answer to Kerberos is "HTTP\/1\.1 400 .*": is it a Flume Thrift source/,
  },
];

for (const { what, options = () => ({}), environment = () => ({}), says } of troubles) {
  test(what, () => withEnvironment(environment(), () => fails(options(), says)));
}

test('clocks that differ: of the KDC and this machine, of the KDC and the agent', async () => {
  await realm.stopKdc();
  await realm.startKdc('1h');
  try {
    // MIT Kerberos takes the KDC's time by default, and the agent does not.
    await fails(byKeytab(), /the agent refuses the ticket: GSS initiate failed .*are the clocks the same\?/);
    assert.match(agent.log(), /skew|not yet valid/i);
    const strict = realm.otherConfig('strict.conf', (text) => text.replace(']', ']\n  kdc_timesync = 0'));
    await withEnvironment({ KRB5_CONFIG: strict }, () =>
      fails(byKeytab(), /Clock skew too great in KDC reply \(the clocks of this machine and the KDC differ\)/),
    );
  } finally {
    await realm.stopKdc();
    await realm.startKdc();
  }
});

test('an agent whose keytab is out of date, then a client', async () => {
  realm.renewKey(agentPrincipal);
  await fails(byKeytab(), /the agent refuses the ticket: GSS initiate failed .*is its agent-keytab up to date/);
  realm.renewKey('client');
  await fails(byKeytab(), /integrity check failed \(kerberos\.keytab is older than the key in the KDC/);
  realm.removePrincipal('client');
  await fails(byKeytab(), /Client 'client@TEST\.REALM' not found .*the KDC does not know this client/);
});

async function fails(options: FlumeClientOptions, says: RegExp): Promise<void> {
  await using client = new FlumeClient({ host: 'localhost', port: agent.port, ...options });
  const error = await client.ping().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof FlumeError);
  assert.match(error.message, says);
  assert.ok(error.retryable);
}
