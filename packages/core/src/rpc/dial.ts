// Dials an endpoint: TCP, TLS, Kerberos or a Unix domain socket.

import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import net, { type LookupFunction } from 'node:net';
import tls from 'node:tls';
import { kerberosSocket } from './kerberos.ts';
import { whenAnswered } from './name-servers.ts';
import type { Dial } from './socket.ts';
import { tlsConnectOptions, tlsHandshake } from './tls.ts';

// So that a peer that vanished without a word is noticed on an idle connection too.
const keepAliveMs = 30_000;

export const dial: Dial = (endpoint, connectTimeoutMs) => {
  const socket = dialBare(endpoint, connectTimeoutMs);
  return endpoint.kerberos === undefined ? socket : kerberosSocket(socket, endpoint, endpoint.kerberos);
};

const dialBare: Dial = (endpoint, connectTimeoutMs) => {
  if (endpoint.tag === 'unix') return net.connect({ path: endpoint.path });
  let socket: net.Socket | undefined;
  const target: net.TcpNetConnectOpts = {
    host: endpoint.host,
    port: endpoint.port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveMs,
    lookup: lookupFor(() => socket),
    // Every address of a name gets its share of the time, where Node would give each 250 ms.
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: Math.max(250, Math.floor(connectTimeoutMs / 4)),
  };
  if (endpoint.tls === undefined || endpoint.tls === false) {
    socket = unheld(net.connect(target));
    return socket;
  }
  try {
    const secure = unheld(tls.connect({ ...tlsConnectOptions(endpoint, endpoint.tls), ...target }));
    socket = secure;
    // tls.connect takes noDelay and keepAlive, and does nothing about them.
    secure.on('connect', () => secure.setNoDelay(true).setKeepAlive(true, keepAliveMs));
    return Object.assign(secure, { handshake: tlsHandshake });
  } catch (error) {
    return new net.Socket().destroy(error as Error);
  }
};

/** Keeps each attempt from holding the process: it has a handle of its own. */
function unheld<Held extends net.Socket>(socket: Held): Held {
  return socket.on('connectionAttempt', () => socket.unref());
}

type Answer = (error: NodeJS.ErrnoException | null, addresses: readonly LookupAddress[]) => void;

interface Search {
  readonly answers: Set<Answer>;
  /** Before it is asked of the operating system, it can be given up. */
  giveUp: (() => void) | undefined;
}

// A look-up takes a thread from the pool that the application shares. So there is one at a time for each name, and whoever
// asks meanwhile gets its answer.
const searches = new Map<string, Search>();
let turn = 0;

/** @returns says that the answer is not wanted any more */
function lookupOnce(host: string, options: LookupOptions, answer: Answer): () => void {
  const key = `${host} ${options.family} ${options.hints}`;
  let search = searches.get(key);
  if (search === undefined) {
    const begun: Search = { answers: new Set([answer]), giveUp: undefined };
    search = begun;
    searches.set(key, begun);
    let isAsked = false;
    const giveUp = whenAnswered(host, () => {
      isAsked = true;
      begun.giveUp = undefined;
      lookup(host, { ...options, all: true }, (error, addresses) => {
        searches.delete(key);
        for (const each of begun.answers) each(error, addresses);
      });
    });
    if (!isAsked) begun.giveUp = giveUp;
  } else {
    search.answers.add(answer);
  }
  const { answers } = search;
  return () => {
    if (!answers.delete(answer) || answers.size > 0 || search.giveUp === undefined) return;
    search.giveUp();
    searches.delete(key);
  };
}

/** Resolves a name anew for every connection, and begins with another of its addresses each time. */
function lookupFor(socketOf: () => net.Socket | undefined): LookupFunction {
  return (host, options, callback) => {
    const forget = lookupOnce(host, options, (error, addresses) => {
      if (error !== null) return callback(error, []);
      turn += 1;
      const rotated = addresses.map((_address, index) => addresses[(index + turn) % addresses.length] as LookupAddress);
      if (options.all === true) return callback(null, rotated);
      const [first] = rotated;
      callback(null, first?.address ?? '', first?.family);
    });
    // The socket is not known to its maker before connect() has returned.
    process.nextTick(() => socketOf()?.once('close', forget));
  };
}
