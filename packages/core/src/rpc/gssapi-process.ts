// GSSAPI in a process of its own, for as long as one handshake takes. In the application's process, a KDC that says nothing
// would block a thread of libuv's pool, hold the end of the process for 25 s and more, and could not be given up; and a
// keytab is set in the environment, which is the application's, and which a worker thread cannot set at all.

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import type { Socket } from 'node:net';
import type { KerberosSettings } from '../endpoint.ts';
import { isPathLike } from '../shown-value.ts';

/** A security context, as the client of a service has it. One call at a time; tokens are base64. */
export interface GssContext {
  /** The first token for the service. It needs a ticket, and so the KDC. */
  start(): Promise<GssStep>;
  /** The answer to the service's token. */
  step(token: string): Promise<GssStep>;
  unwrap(token: string): Promise<string>;
  /** Asks for no layer of protection. */
  wrap(token: string): Promise<string>;
  /** Ends it at once, whatever it does. Idempotent. */
  close(): void;
}

/** GSSAPI's own complaint about a call, in its words. */
export class GssError extends Error {}

export interface GssStep {
  /** Empty: nothing is to be said, which is said. */
  readonly token: string;
  /** Both sides know each other. */
  readonly complete: boolean;
}

// A text, and no file, so that it is still there when all of this is bundled into one. It ends with its input, and thus with
// the process that began it.
const program = `
'use strict';
let client;
const calls = {
  async start(path, service, principal) {
    const kerberos = require(path);
    client = await kerberos.initializeClient(service, { mechOID: kerberos.GSS_MECH_OID_KRB5, principal });
    return client.step('');
  },
  step: (token) => client.step(token),
  unwrap: (token) => client.unwrap(token),
  wrap: (token) => client.wrap(token),
};
require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  const [name, ...args] = JSON.parse(line);
  let answer;
  try {
    answer = { token: (await calls[name](...args)) ?? '', complete: client.contextComplete };
  } catch (error) {
    answer = { error: String(error?.message ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + '\\n');
});
`;

const childVariable = 'FLUME_GSSAPI_PROCESS';

type Answer = { readonly token: string; readonly complete: boolean } | { readonly error: string };

interface Waiting {
  readonly resolve: (answer: { readonly token: string; readonly complete: boolean }) => void;
  readonly reject: (error: Error) => void;
}

export class GssapiProcess implements GssContext {
  readonly #settings: KerberosSettings;
  #child: ChildProcess | undefined;
  #received = '';
  #waiting: Waiting | undefined;
  #isClosed = false;

  constructor(settings: KerberosSettings) {
    this.#settings = settings;
  }

  async start(): Promise<GssStep> {
    const { service, host, principal, keytab, packagePath } = this.#settings;
    if (keytab !== undefined) checkKeytab(keytab);
    this.#spawn(environment(keytab));
    return await this.#ask('start', packagePath, `${service}@${host}`, principal);
  }

  step(token: string): Promise<GssStep> {
    return this.#ask('step', token);
  }

  async unwrap(token: string): Promise<string> {
    return (await this.#ask('unwrap', token)).token;
  }

  async wrap(token: string): Promise<string> {
    return (await this.#ask('wrap', token)).token;
  }

  close(): void {
    this.#isClosed = true;
    // Where a KDC is silent, it would hear nothing else.
    this.#child?.kill('SIGKILL');
    this.#fail(new Error('closed'));
  }

  #spawn(env: NodeJS.ProcessEnv): void {
    // An application in one file runs itself here, and would begin without end.
    if (process.env[childVariable] !== undefined) {
      throw new Error('kerberos: an application in one file cannot run the program that gets a ticket');
    }
    const child = spawn(process.execPath, ['-e', program], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child = child;
    child.unref();
    (child.stdout as Socket).unref();
    (child.stdin as Socket).unref();
    child.stdin?.on('error', () => {});
    child.on('error', (error) => this.#fail(error));
    child.on('close', (code, signal) =>
      this.#fail(new Error(`the process that gets a ticket ended: ${code ?? signal}`)),
    );
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#answered(text));
    if (this.#isClosed) child.kill('SIGKILL');
  }

  #ask(...call: readonly unknown[]): Promise<GssStep> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#child?.stdin?.write(`${JSON.stringify(call)}\n`);
    });
  }

  /** One call, one answer, one line. */
  #answered(text: string): void {
    this.#received += text;
    if (!this.#received.endsWith('\n')) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const answer = JSON.parse(this.#received) as Answer;
    this.#received = '';
    if ('error' in answer) waiting?.reject(new GssError(answer.error));
    else waiting?.resolve(answer);
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

function environment(keytab: string | undefined): NodeJS.ProcessEnv {
  // Flags of the application's Node.js, to load a module first or to be debugged, are not for this one.
  const { NODE_OPTIONS: _options, NODE_CHANNEL_FD: _channel, ...inherited } = process.env;
  return {
    ...inherited,
    [childVariable]: '1',
    ELECTRON_RUN_AS_NODE: '1',
    // The texts of errors are read here.
    LC_ALL: 'C',
    ...(keytab === undefined
      ? {}
      : // A cache in a file may be another principal's, and then no ticket is got from the keytab.
        { KRB5_CLIENT_KTNAME: keytab, KRB5CCNAME: 'MEMORY:flume' }),
  };
}

/** Kerberos itself only says that there are no credentials. */
function checkKeytab(keytab: string): void {
  try {
    accessSync(keytab.replace(/^(?:FILE|WRFILE):/, ''), constants.R_OK);
  } catch (error) {
    const what = isPathLike(keytab) ? keytab : 'the file of that name';
    throw new Error(`kerberos.keytab: cannot read ${what}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
