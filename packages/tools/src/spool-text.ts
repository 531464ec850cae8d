// Owners in words, and rows in columns.

import type { OwnerState } from 'flume-thrift-client/commands';
import type { SurveyedFolder } from './spool-survey.ts';

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
