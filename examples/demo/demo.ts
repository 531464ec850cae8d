// npm run demo: two applications log to Flume, and every record is looked for at the other end.

import { setTimeout as pause } from 'node:timers/promises';
import { type DevAgent, startDevAgent } from 'flume-dev-agent';
import { FlumeClient } from 'flume-thrift-client';
import { AppFailure, AppProcess } from './app-process.ts';
import { type AgentAddress, type Command, help, parseCommandLine } from './command-line.ts';
import { eventSample } from './event-sample.ts';
import { balance } from './ledger.ts';
import { driveRequests, requestsPerApp } from './requests.ts';
import { bold, cyan, dim, endProgress, green, print, progress, red } from './screen.ts';
import type { AppReport } from './supervisor.ts';

const transports = { fastify: 'pino-flume, in a worker thread', express: 'winston-flume' };
const idsShown = 5;
const newsTimeoutMs = 1_000;

async function main(): Promise<number> {
  let command: Command;
  try {
    command = parseCommandLine(process.argv.slice(2));
  } catch (error) {
    // Node's own messages go on with a second sentence on how to pass such a thing.
    const [sentence] = (error as Error).message.split(/\. |\n/);
    console.error(`demo: ${sentence} (--help shows examples)`);
    return 2;
  }
  if (command.kind === 'help') {
    console.log(help);
    return 0;
  }
  return command.agent === undefined ? await withDevAgent(command.ui) : await withRealAgent(command.agent);
}

/** Everything that was logged is compared with everything that arrived. */
async function withDevAgent(ui: boolean): Promise<number> {
  await using agent = await startDevAgent({ port: 0, transactionCapacity: 100, ui: ui ? 0 : undefined });
  const address = `127.0.0.1:${agent.port}`;
  headline(`agent    ${address.padEnd(24)} flume-dev-agent, stands in for a Flume agent`);
  const page = `http://127.0.0.1:${agent.uiPort}/`;
  if (ui) print(`  page     ${cyan(page)} ${dim('open it in a browser and see the events arrive')}`);
  const apps = await startApps(address);
  await sendRequests(apps, agent);

  print();
  print(bold('Some of the events, headers first, body below'));
  print();
  for (const line of eventSample(agent.events)) print(line);

  const reports = await stopApps(apps);
  const { received: events, callsTotal: calls, connectionsTotal: connections } = agent;
  print(`  agent    ${events} events in ${calls} calls over ${connections} connections`);
  const status = verdict(reports, agent);
  if (ui) {
    print(`The events are at ${cyan(page)} until Ctrl-C.`);
    statusWhenEnded = status;
    await new Promise(() => {});
  }
  return status;
}

/** Where only Ctrl-C is waited for. */
let statusWhenEnded: number | undefined;

function verdict(reports: ReadonlyMap<string, AppReport>, agent: DevAgent): number {
  const logged = new Map([...reports].map(([app, { records }]) => [app, records]));
  const { sent, received, duplicates, strangers, missing } = balance(logged, agent.events);
  print();
  if (duplicates > 0) print(`  ${duplicates} events arrived more than once: their acknowledgement was lost, not they`);
  if (strangers > 0) print(`  ${strangers} events came from elsewhere`);
  for (const [app, ids] of missing) {
    const more = ids.length > idsShown ? ` and ${ids.length - idsShown} more` : '';
    print(`  ${app}: ${ids.length} of ${logged.get(app)} missing: ${ids.slice(0, idsShown).join(', ')}${more}`);
  }
  const colour = sent === received ? green : red;
  print(colour(`demo: ${sent} records sent, ${received} events received, ${sent - received} missing`));
  return sent === received ? 0 : 1;
}

/** What arrives is not to be seen from here; the acknowledgements are. */
async function withRealAgent(agent: AgentAddress): Promise<number> {
  headline(`agent    ${agent.name.padEnd(24)} yours`);
  await checkAgent(agent);
  const apps = await startApps(agent.name);
  await sendRequests(apps);
  print();
  const reports = await stopApps(apps);

  const all = [...reports.values()];
  const sent = all.reduce((sum, { records }) => sum + records, 0);
  const acknowledged = all.reduce((sum, report) => sum + report.acknowledged, 0);
  const isComplete = sent === acknowledged;
  print();
  print('  What an agent acknowledged is in its channel; look for it where your sink writes.');
  if (!isComplete)
    print("  A memory channel of Flume's default capacity, 100 events, is slow: capacity = 10000 takes all at once.");
  // A transport that ran out of time may have had more of them acknowledged than it can tell.
  const count = isComplete ? `${acknowledged}` : `only ${acknowledged} known to be`;
  print((isComplete ? green : red)(`demo: ${sent} records sent, ${count} acknowledged by ${agent.name}`));
  return isComplete ? 0 : 1;
}

/** An empty batch stores nothing, and shows at once whether there is a Thrift source. */
async function checkAgent({ host, port }: AgentAddress): Promise<void> {
  const client = new FlumeClient({ host, port, connectTimeoutMs: 3_000, timeoutMs: 5_000 });
  try {
    await client.ping();
  } finally {
    await client.close();
  }
}

function headline(agent: string): void {
  print();
  print(bold('Two applications log to Apache Flume'));
  print();
  print(`  ${agent}`);
}

async function startApps(agent: string): Promise<AppProcess[]> {
  const apps = Object.keys(transports).map((name) => new AppProcess(name, agent));
  await Promise.all(apps.map((app) => app.ready()));
  for (const { name, url, pid } of apps) {
    const what = `${transports[name as keyof typeof transports]} ${dim(`(process ${pid})`)}`;
    print(`  ${name}  ${cyan(url.padEnd(24))} ${what}`);
  }
  print();
  return apps;
}

async function sendRequests(apps: readonly AppProcess[], agent?: DevAgent): Promise<void> {
  let answered = 0;
  const show = (): void => {
    const events = agent === undefined ? '' : `, ${agent.received} events received`;
    progress(answered, apps.length * requestsPerApp, `requests answered${events}`);
  };
  show();
  const drive = async (app: AppProcess): Promise<void> => {
    try {
      await driveRequests(app.url, () => {
        answered += 1;
        show();
      });
    } catch (error) {
      // Connections break before the news arrives that the application ended, which says more.
      await Promise.race([app.failed, pause(newsTimeoutMs)]);
      throw error;
    }
  };
  await Promise.race([Promise.all(apps.map(drive)), ...apps.map((app) => app.failed)]);
}

async function stopApps(apps: readonly AppProcess[]): Promise<Map<string, AppReport>> {
  print(bold('SIGTERM: the applications answer what is under way, flush their logs and end'));
  print();
  const reports = await Promise.all(apps.map(async (app) => [app.name, await app.stop()] as const));
  for (const [name, { records, evidence }] of reports) print(`  ${name}  ${records} records logged; ${evidence}`);
  for (const app of apps) printStderr(app);
  return new Map(reports);
}

function printStderr({ file, stderr }: AppProcess): void {
  if (stderr === '') return;
  print();
  print(`  ${file} on stderr:`);
  for (const line of stderr.split('\n')) print(`    ${line}`);
}

// The applications are killed on 'exit'.
for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
] as const) {
  process.on(signal, () => {
    endProgress();
    process.exit(statusWhenEnded ?? 128 + number);
  });
}
// The reader of a pipe has left: `npm run demo | head -1`.
process.stdout.on('error', () => process.exit(1));

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof AppFailure) printStderr(error.app);
  print();
  print(red(`demo: ${(error as Error).message}`));
  process.exit(1);
}
