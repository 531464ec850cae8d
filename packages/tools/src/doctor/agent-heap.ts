// The heap of an agent's JVM, as `-Xmx` has it.

import { UsageError } from 'flume-thrift-client/commands';

const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** @throws UsageError */
export function heapBytes(text: string): number {
  const [, amount = '', unit = ''] = /^(?:-Xmx)?(\d+)([kmg]?)$/i.exec(text) ?? [];
  if (amount === '') throw new UsageError(`--heap: expected a size such as 512m, got '${text.slice(0, 40)}'`);
  return Number(amount) * (units[unit.toLowerCase()] ?? 1);
}

export const heapText = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)}m`;
