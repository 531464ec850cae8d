// Counts, sizes, ages and owners in words.

import type { OwnerState } from '../channel/spool-owner.ts';
import type { SurveyedFolder } from '../channel/spool-survey.ts';

export function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 'B'];
  for (const next of ['KiB', 'MiB', 'GiB', 'TiB']) {
    if (value < 1024) break;
    [value, unit] = [value / 1024, next];
  }
  return `${unit === 'B' || value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}

export function ageText(ms: number): string {
  let [value, unit] = [Math.max(0, ms / 1_000), 's'];
  for (const [next, size] of [
    ['min', 60],
    ['h', 60],
    ['days', 24],
  ] as const) {
    if (value < 2 * size) break;
    [value, unit] = [value / size, next];
  }
  return `${Math.floor(value)} ${unit}`;
}

const stateTexts: Readonly<Record<OwnerState, string>> = {
  alive: 'alive',
  dead: 'dead',
  silent: 'dead, it seems',
};

export function writerText({ owner, state }: Pick<SurveyedFolder, 'owner' | 'state'>): string {
  return `${owner.pid} ${stateTexts[state]}`;
}

/** Rows in columns as wide as their widest cell; numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column > 0 && /^[\d.,]+( [A-Za-z]+)?$/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
