// How severe an event is, by the headers that loggers and Flume's own appenders set.
import type { ReceivedEvent } from './call.ts';

export const severities = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export type Severity = (typeof severities)[number];

/** undefined where no header tells. */
export function severityOf(headers: ReceivedEvent['headers']): Severity | undefined {
  return byWord(own(headers, 'level')) ?? byLog4j(own(headers, 'flume.client.log4j.log.level')) ?? bySyslog(headers);
}

const own = (headers: ReceivedEvent['headers'], name: string): string => {
  return Object.hasOwn(headers, name) ? (headers[name] ?? '') : '';
};

const words: ReadonlyMap<string, Severity> = new Map([
  ...severities.map((severity) => [severity, severity] as const),
  // winston's, syslog's, and numbers as pino has them.
  ['silly', 'trace'],
  ['verbose', 'debug'],
  ['http', 'info'],
  ['notice', 'info'],
  ['warning', 'warn'],
  ['err', 'error'],
  ['crit', 'fatal'],
  ['critical', 'fatal'],
  ['alert', 'fatal'],
  ['emerg', 'fatal'],
  ['10', 'trace'],
  ['20', 'debug'],
  ['30', 'info'],
  ['40', 'warn'],
  ['50', 'error'],
  ['60', 'fatal'],
] as const);

const byWord = (level: string): Severity | undefined => words.get(level.toLowerCase());

/** Log4j's numbers: 10000 is DEBUG, 50000 FATAL. */
const byLog4j = (level: string): Severity | undefined =>
  /^[1-5]0000$/.test(level) ? severities[Number(level[0])] : undefined;

/** Syslog's: 0 is an emergency, 7 debug. */
function bySyslog(headers: ReceivedEvent['headers']): Severity | undefined {
  const number = own(headers, 'Severity');
  return /^[0-7]$/.test(number) ? bySyslogNumber[Number(number)] : undefined;
}

const bySyslogNumber: readonly Severity[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];
