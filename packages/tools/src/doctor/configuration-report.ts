// Findings in a configuration, as lines for a terminal.

import { escaped } from 'flume-thrift-client/commands';
import type { ConfigurationCheck } from './configuration-check.ts';
import { findingLines } from './finding.ts';

export function configurationLines(file: string, { agent, findings, notes }: ConfigurationCheck): string[] {
  const shown = escaped(file);
  return [
    `${shown}, agent ${escaped(agent)}`,
    ...findings.flatMap(({ line, what, ...rest }) => findingLines({ ...rest, what: escaped(`${place(line)}${what}`) })),
    ...notes.map(({ line, what }) => `    ${escaped(`${place(line)}${what}`)}`),
    ...(findings.length === 0 ? ['  well'] : []),
  ];
}

const place = (line: number): string => (line === 0 ? '' : `line ${line}: `);
