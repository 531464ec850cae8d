#!/usr/bin/env node
// The command: starts an agent, prints what arrives, and sums up when it is stopped.
import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { openBrowser } from './browser.ts';
import type { Command, TlsFiles } from './command-line.ts';
import { help, parseCommandLine } from './command-line.ts';
import type { DevAgent } from './dev-agent.ts';
import { startDevAgent } from './dev-agent.ts';
import { matchesHeaders } from './header-filter.ts';
import { createPrinter } from './printer.ts';
import { plural, Traffic } from './traffic.ts';

type RunCommand = Extract<Command, { tag: 'run' }>;

async function main(args: readonly string[]): Promise<void> {
  let command: Command;
  try {
    command = parseCommandLine(args);
  } catch (error) {
    note(`flume-dev-agent: ${(error as Error).message} (--help shows examples)`);
    process.exitCode = 2;
    return;
  }
  if (command.tag === 'help') console.log(help);
  else if (command.tag === 'version') console.log(version());
  else await run(command);
}

async function run(command: RunCommand): Promise<void> {
  const { agent: options, tlsFiles, output, filters, count } = command;
  // hasColors() knows NO_COLOR and what the terminal can do.
  const colours = command.colours ?? (process.stdout.isTTY === true && process.stdout.hasColors());
  const print = createPrinter(output, { colours, template: command.template, wrap: command.wrap });
  let agent: DevAgent;
  try {
    agent = await startDevAgent({ ...options, tls: tlsFiles === undefined ? undefined : readTls(tlsFiles) });
  } catch (error) {
    note(`flume-dev-agent: ${listenError(error as NodeJS.ErrnoException, options)}`);
    process.exitCode = 1;
    return;
  }
  const traffic = new Traffic();
  const told = tellTraffic(traffic, command.statsMs ?? (process.stderr.isTTY === true ? 5_000 : 0));
  let printed = 0;
  let refused = 0;
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    clearInterval(told);
    void agent.close().then(() => {
      const { callsTotal, connectionsTotal } = agent;
      const parts = [traffic.totals, plural(callsTotal, 'call'), plural(connectionsTotal, 'connection')];
      if (filters.length > 0) parts.splice(1, 0, `${printed} shown`);
      if (refused > 0) parts.push(`${plural(refused, 'call')} not OK`);
      note(`flume-dev-agent: ${parts.join(', ')}`);
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    });
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // The reader of a pipe has left: `flume-dev-agent | head -1`.
  process.stdout.on('error', stop);
  agent.on('event', (event) => {
    traffic.add(event);
    if (printed >= count || !matchesHeaders(event, filters)) return;
    printed++;
    const line = print({ event, number: printed, atMs: Date.now() });
    if (line !== '') process.stdout.write(line);
  });
  agent.on('answer', ({ method, count: events }, answer) => {
    if (answer !== 'OK') refused++;
    if (answer !== 'OK' && output === 'pretty') note(`${method} of ${plural(events, 'event')} → ${answer}`);
    // After the answer, so that the client has its acknowledgement.
    if (printed >= count) setImmediate(stop);
  });
  agent.on('disconnect', (connection, reason) => {
    if (output === 'pretty' && !stopping) note(`connection ${connection} closed: ${reason}`);
  });
  const { protocol = 'compact', framed, path } = options;
  const how = [protocol, ...(framed === false ? ['unframed'] : []), ...(tlsFiles === undefined ? [] : ['TLS'])].join(
    ', ',
  );
  const where = path ?? `${urlHost(agent.host)}:${agent.port}`;
  note(`flume-dev-agent: listening on ${where} (${how})`);
  if (agent.uiPort !== undefined) {
    const address = `http://${urlHost(options.uiHost ?? '127.0.0.1')}:${agent.uiPort}/`;
    note(`flume-dev-agent: the page is at ${address}`);
    if (command.open) openBrowser(address, (why) => note(`flume-dev-agent: --open: ${why}`));
  }
  note('For development and tests; in production run a real Flume agent. Ctrl-C ends.');
}

function readTls({ cert, key }: TlsFiles): { cert: Buffer; key: Buffer } {
  return { cert: readPem('--tls-cert', cert), key: readPem('--tls-key', key) };
}

function readPem(flag: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`${flag}: ${(error as Error).message}`, { cause: error });
  }
}

function listenError(
  { code, message, ...error }: NodeJS.ErrnoException & { port?: number },
  { host = '127.0.0.1', port = 4141, path, ui }: Where,
): string {
  if (code === 'EADDRINUSE' && ui !== undefined && ui === error.port)
    return `--ui: port ${ui} is in use; 0 takes a free one`;
  const where = path ?? `${host}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use; another ${path === undefined ? '--port (0 takes a free one)' : '--path'} may help`;
    case 'EACCES':
      return `no permission to listen on ${where}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine`;
    default:
      return message;
  }
}

type Where = RunCommand['agent'];

const urlHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Events go to stdout; what is said about them does not mix with them. */
function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

function tellTraffic(traffic: Traffic, everyMs: number): NodeJS.Timeout | undefined {
  if (everyMs === 0) return undefined;
  return setInterval(() => {
    const news = traffic.news();
    if (news !== undefined) note(`flume-dev-agent: ${news}`);
  }, everyMs);
}

function version(): string {
  // By its real path: the command is usually a link to this file.
  const require = createRequire(realpathSync(process.argv[1] ?? '.'));
  return (require('flume-dev-agent/package.json') as { version: string }).version;
}

void main(process.argv.slice(2));
