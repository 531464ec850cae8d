// Findings about a place, as lines for a terminal and as JSON.

import { escaped } from 'flume-thrift-client/commands';
import type { Examination } from './examination.ts';
import { type Finding, findingLines } from './finding.ts';
import { ms } from './probe.ts';

export interface PlaceReport extends Examination {
  /** Of a probe. */
  readonly facts: readonly string[];
}

export function reportLines(report: PlaceReport): string[] {
  const { host, address, port, connectMs, speaks, certificate, pingMs, facts, findings } = report;
  const shown = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const lines = [address === host ? shown : `${escaped(host)}:${port}, ${shown}`];
  if (connectMs !== undefined) lines.push(`    connects in ${ms(connectMs)}`);
  if (speaks !== undefined) lines.push(`    speaks ${pingMs.length > 0 ? `Flume's Thrift: ${speaks}` : speaks}`);
  if (certificate !== undefined) lines.push(`    certificate ${certificate}`);
  if (pingMs.length > 0) lines.push(`    takes an empty batch, which stores nothing, in ${ms(median(pingMs))}`);
  lines.push(...facts.map((fact) => `    ${fact}`), ...findings.flatMap(findingLines));
  if (findings.length === 0) lines.push('  well');
  return lines;
}

export const generalLines = (facts: readonly string[], findings: readonly Finding[]): string[] => [
  ...facts.map((fact) => `    ${fact}`),
  ...findings.flatMap(findingLines),
];

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
