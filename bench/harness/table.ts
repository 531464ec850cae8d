// Tables of a run, for the terminal and for Markdown.
import { type Column, fixed, columns as known, type Outcome, spread } from './comparison.ts';
import type { Verdict } from './verdicts.ts';

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Median of each figure, and in brackets the smallest and largest; beside them the load of the machine. */
export function outcomeTable({ columns: own, subjects }: Outcome): Table {
  const hasLoad = subjects.some(({ rounds }) => Number.isFinite(spread(rounds, known.loadPart.id).median));
  const columns: readonly Column[] = hasLoad ? [...own, known.loadPart] : own;
  return {
    head: ['', ...columns.map(({ title }) => title)],
    rows: subjects.map(({ name, rounds }) => [
      name,
      ...columns.map((column) => {
        const { median, min, max } = spread(rounds, column.id);
        if (!Number.isFinite(median)) return '–';
        return rounds.length === 1
          ? shown(median, column)
          : `${shown(median, column)} (${shown(min, column)}–${shown(max, column)})`;
      }),
    ]),
  };
}

export function verdictTable(verdicts: readonly Verdict[]): Table {
  return {
    head: ['what', 'against', 'target', 'reached', ''],
    rows: verdicts.map(({ what, against, target, reached, met }) => [
      what,
      against,
      target,
      reached,
      met ? '✓' : 'missed',
    ]),
  };
}

export function inTerminal({ head, rows }: Table): string {
  const widths = head.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

export function inMarkdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_title, index) => (index === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

function shown(value: number, { digits }: Column): string {
  return value.toLocaleString('en-US', fixed(digits));
}
