// A Kerberos realm of its own on loopback, for as long as a test runs: Debian's KDC, its database, keytabs and ticket caches in
// one folder.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { guard } from '../flume/guard.ts';
import { accepts, freePorts } from '../flume/ports.ts';
import { clockLibrary, realmPath } from './requirements.ts';

export interface Realm extends AsyncDisposable {
  /** TEST.REALM */
  readonly name: string;
  readonly directory: string;
  /** Where krb5.conf is: `KRB5_CONFIG` of every client, `java.security.krb5.conf` of every agent. */
  readonly config: string;
  /** Makes a principal, and a keytab for it. @returns the keytab's path */
  addPrincipal(name: string, options?: PrincipalOptions): string;
  /** Gives the principal another key, which no keytab has, or takes it from the KDC. */
  renewKey(name: string): void;
  removePrincipal(name: string): void;
  /** Gets a ticket with a keytab. @returns the path of the cache */
  ticket(principal: string, keytab: string, lifetimeSeconds?: number, cacheName?: string): string;
  /** A krb5.conf like this one's, changed. @returns its path */
  otherConfig(name: string, change: (text: string) => string): string;
  stopKdc(): Promise<void>;
  /** @param ahead how much its clock is ahead, as `1h` */
  startKdc(ahead?: string): Promise<void>;
  /** It accepts, and says nothing. */
  pauseKdc(): void;
  resumeKdc(): void;
  /** Ends all and removes the folder. */
  stop(): Promise<void>;
}

export interface PrincipalOptions {
  /** Of its tickets, and of those for it. */
  readonly maxLifeSeconds?: number;
}

const realmName = 'TEST.REALM';

/** Resolves when the KDC answers. */
export async function startRealm(): Promise<Realm> {
  for (let attempt = 1; ; attempt += 1) {
    const [port] = (await freePorts(1)) as [number];
    const realm = new KdcRealm(port);
    try {
      await realm.startKdc();
      return realm;
    } catch (error) {
      await realm.stop();
      // Another process can have taken the port.
      if (attempt === 5) throw error;
    }
  }
}

class KdcRealm implements Realm {
  readonly name = realmName;
  readonly directory = mkdtempSync(path.join(tmpdir(), 'flume-realm-'));
  readonly config = this.#file('krb5.conf');
  readonly #port: number;
  readonly #guard = guard(this.directory);
  readonly #environment = {
    ...process.env,
    PATH: realmPath,
    KRB5_CONFIG: this.config,
    KRB5_KDC_PROFILE: this.#file('kdc.conf'),
  };
  #kdc: ChildProcess | undefined;

  constructor(port: number) {
    this.#port = port;
    writeFileSync(this.config, krb5Conf(port));
    writeFileSync(this.#file('kdc.conf'), kdcConf(port, this.directory));
    this.#run('kdb5_util', 'create', '-s', '-P', 'of no use', '-r', this.name);
  }

  addPrincipal(name: string, { maxLifeSeconds }: PrincipalOptions = {}): string {
    const keytab = this.#file(`${name.replaceAll('/', '-')}.keytab`);
    const life = maxLifeSeconds === undefined ? '' : `-maxlife "${maxLifeSeconds} seconds"`;
    this.#run('kadmin.local', '-r', this.name, '-q', `addprinc -randkey ${life} ${name}`);
    this.#run('kadmin.local', '-r', this.name, '-q', `ktadd -k ${keytab} ${name}`);
    return keytab;
  }

  renewKey(name: string): void {
    this.#run('kadmin.local', '-r', this.name, '-q', `cpw -randkey ${name}`);
  }

  removePrincipal(name: string): void {
    this.#run('kadmin.local', '-r', this.name, '-q', `delprinc -force ${name}`);
  }

  ticket(principal: string, keytab: string, lifetimeSeconds = 3600, cacheName = `${principal}.cache`): string {
    const cache = this.#file(cacheName);
    this.#run('kinit', '-k', '-t', keytab, '-l', `${lifetimeSeconds}s`, '-c', cache, principal);
    return cache;
  }

  otherConfig(name: string, change: (text: string) => string): string {
    const file = this.#file(name);
    writeFileSync(file, change(krb5Conf(this.#port)));
    return file;
  }

  async startKdc(ahead?: string): Promise<void> {
    const clock = ahead === undefined ? {} : { LD_PRELOAD: clockLibrary(), FAKETIME: `+${ahead}` };
    const env = { ...this.#environment, ...clock };
    const kdc = spawn('krb5kdc', ['-n', '-r', this.name], { env, stdio: 'ignore' });
    this.#kdc = kdc;
    kdc.unref();
    const failed = once(kdc, 'exit').then(([code]) => Promise.reject(new Error(`krb5kdc ended with ${code}`)));
    failed.catch(() => {});
    writeFileSync(this.#file('pid'), String(kdc.pid));
    const serves = async () => {
      while (!(await accepts(this.#port))) await delay(10);
    };
    await Promise.race([serves(), failed]);
  }

  async stopKdc(): Promise<void> {
    const kdc = this.#kdc;
    if (kdc === undefined || kdc.exitCode !== null || kdc.signalCode !== null) return;
    const exit = once(kdc, 'exit');
    kdc.ref();
    kdc.kill('SIGKILL');
    await exit;
    rmSync(this.#file('pid'), { force: true });
  }

  pauseKdc(): void {
    this.#kdc?.kill('SIGSTOP');
  }

  resumeKdc(): void {
    this.#kdc?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.stopKdc();
    this.#guard.ref();
    const exit = once(this.#guard, 'exit');
    this.#guard.stdin?.end();
    await exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #file(name: string): string {
    return path.join(this.directory, name);
  }

  #run(command: string, ...args: string[]): void {
    execFileSync(command, args, { env: this.#environment, stdio: 'pipe' });
  }
}

// No name is looked up anywhere, and UDP, whose packets wait for an answer that a dead KDC does not give, is not used.
const krb5Conf = (port: number) => `[libdefaults]
  default_realm = ${realmName}
  udp_preference_limit = 1
  rdns = false
  dns_canonicalize_hostname = false
  dns_lookup_kdc = false
  dns_lookup_realm = false
[realms]
  ${realmName} = {
    kdc = 127.0.0.1:${port}
  }
`;

const kdcConf = (port: number, directory: string) => `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${realmName} = {
    database_name = ${directory}/principal
    key_stash_file = ${directory}/stash
    acl_file = ${directory}/kadm5.acl
    max_life = 10h
  }
[logging]
  kdc = FILE:${directory}/kdc.log
  admin_server = FILE:${directory}/kadmin.log
  default = FILE:${directory}/krb5.log
`;
