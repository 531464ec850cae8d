// A few of the events that arrived, one of each kind, for the eye.

import type { ReceivedEvent } from 'flume-dev-agent';
import { bold, columns, cyan, dim, red, wrapped, yellow } from './screen.ts';

const kinds: readonly (readonly [app: string, level: string, text: string])[] = [
  ['fastify', 'info', '山田'],
  ['fastify', 'warn', ''],
  ['express', 'info', 'María'],
  ['express', 'error', ''],
];

/** The first event of each kind that there is, as lines to print. */
export function eventSample(events: readonly ReceivedEvent[]): string[] {
  return kinds.flatMap(([app, level, text]) => {
    const event = events.find(
      ({ headers, body }) => headers.app === app && headers.level === level && body.includes(text),
    );
    return event === undefined ? [] : [...eventLines(event), ''];
  });
}

function eventLines({ headers, body }: ReceivedEvent): string[] {
  const { app = '', level = '', ...others } = headers;
  const colour = level === 'error' ? red : level === 'warn' ? yellow : cyan;
  const pairs = Object.entries(others).map(([name, value]) => `${dim(`${name}=`)}${value}`);
  return [
    `  ${bold(app)} ${colour(level)}  ${pairs.join('  ')}`,
    ...wrapped(body.toString(), columns() - 4, 3).map((line) => `    ${line}`),
  ];
}
