// Whether a name server answers at all. The operating system's look-up cannot be given up, and holds the process until it
// ends, 20 seconds and more where no server answers. So it is made only when one has answered something to a question of
// our own, which can be given up at any time.

import { randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

const askAgainMs = 1_000;
const dnsPort = 53;
// Where names come from without a name server, or from one; anything else may know a name that none of these does.
const knownSources = /^(?:files|dns|myhostname|mymachines|resolve|compat|mdns\S*|\[.*\])$/;

/**
 * Calls back once: at once where the look-up of this name asks no name server, else when one has answered.
 *
 * @returns gives up: nothing is called any more
 */
export function whenAnswered(host: string, answered: () => void): () => void {
  const servers = serversAskedFor(host);
  if (servers.length === 0) {
    answered();
    return () => {};
  }
  const question = questionFor(host);
  const sockets: dgram.Socket[] = [];
  const giveUp = (): void => {
    clearInterval(timer);
    for (const socket of sockets.splice(0)) socket.close();
  };
  const hear = (): void => {
    if (sockets.length === 0) return;
    giveUp();
    answered();
  };
  const ask = (socket: dgram.Socket): void => socket.send(question, () => {});
  const timer = setInterval(() => {
    for (const socket of sockets) if (isConnected(socket)) ask(socket);
  }, askAgainMs).unref();
  for (const { address, port } of servers) {
    const family = isIP(address);
    // It knows addresses only, and has nothing to look up.
    const lookup: dgram.SocketOptions['lookup'] = (known, _options, callback) => callback(null, known, family);
    const socket = dgram.createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup }).unref();
    // That nobody listens there is an answer, too: the look-up will not wait for it either.
    socket.on('message', hear).on('error', hear);
    socket.once('connect', () => ask(socket));
    sockets.push(socket);
    socket.connect(port, address);
  }
  return giveUp;
}

/** None where the name is found without them, or where nobody can say from here how it is found. */
function serversAskedFor(host: string): { address: string; port: number }[] {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (process.platform !== 'linux' || isIP(host) !== 0 || /(?:^|\.)(?:localhost|local)$/.test(name)) return [];
  if (name.length > 253 || name.split('.').some((label) => label.length === 0 || label.length > 63)) return [];
  if (wordsOf('/etc/hosts').includes(name)) return [];
  const sources = /^hosts:(.*)$/m.exec(textOf('/etc/nsswitch.conf'))?.[1]?.trim().split(/\s+/) ?? ['files', 'dns'];
  if (!sources.every((source) => knownSources.test(source))) return [];
  return dns.getServers().map((server) => {
    const [, bracketed, port] = /^\[(.*)\]:(\d+)$/.exec(server) ?? /^([\d.]+):(\d+)$/.exec(server) ?? [];
    return { address: bracketed ?? server, port: Number(port ?? dnsPort) };
  });
}

/** A standard query for the address of the name, as RFC 1035 has it. */
function questionFor(host: string): Buffer {
  const head = Buffer.from([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(randomInt(0x1_0000));
  const labels = host.replace(/\.$/, '').split('.');
  const name = labels.flatMap((label) => [Buffer.from([Buffer.byteLength(label)]), Buffer.from(label)]);
  return Buffer.concat([head, ...name, Buffer.from([0, 0, 1, 0, 1])]);
}

function isConnected(socket: dgram.Socket): boolean {
  try {
    return socket.remoteAddress().port > 0;
  } catch {
    return false;
  }
}

function wordsOf(file: string): string[] {
  return textOf(file)
    .toLowerCase()
    .split('\n')
    .flatMap((line) => (line.split('#')[0] ?? '').trim().split(/\s+/).slice(1));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
