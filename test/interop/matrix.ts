// The cells of the interop tests: which there are, what came of each, and how that is written down as tables.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const protocols = ['compact', 'binary', 'json'] as const;

export type Protocol = (typeof protocols)[number];
export type Transport = 'framed' | 'unframed' | 'framed, Unix socket';
export type Encryption = 'plain' | 'TLS' | 'plain, Kerberos' | 'TLS, Kerberos';

export interface Cell {
  readonly peer: string;
  readonly transport: Transport;
  readonly encryption: Encryption;
  readonly protocol: Protocol;
  /** Why the peer cannot do this. */
  readonly cannot?: string | undefined;
}

export interface Table {
  readonly title: string;
  readonly about: string;
  /** What the peers are: 'server', 'client'. */
  readonly kind: string;
  readonly cells: readonly Cell[];
}

/** Whether a cell was green; what is not in here did not run. */
export class Outcomes {
  readonly #green = new Set<string>();

  pass(table: Table, cell: Cell): void {
    this.#green.add(keyOf(table, cell));
  }

  /** The cells that are neither green nor marked with a reason. */
  red(tables: readonly Table[]): string[] {
    return tables.flatMap((table) =>
      table.cells
        .filter((cell) => cell.cannot === undefined && !this.#green.has(keyOf(table, cell)))
        .map((cell) => `${table.title}: ${nameOf(cell)}`),
    );
  }

  /** The tables as markdown, padded so that they also read well in a terminal. */
  markdown(tables: readonly Table[]): string {
    return tables.map((table) => this.#table(table)).join('\n');
  }

  #table(table: Table): string {
    const reasons = [...new Set(table.cells.flatMap(({ cannot }) => cannot ?? []))];
    const rows = new Map<string, string[]>();
    for (const cell of table.cells) {
      const key = rowOf(cell).join();
      const row = rows.get(key) ?? [...rowOf(cell), ...protocols.map(() => '')];
      row[3 + protocols.indexOf(cell.protocol)] = this.#word(table, cell, reasons);
      rows.set(key, row);
    }
    const heads = [table.kind, 'transport', 'encryption', 'compact', 'binary', 'JSON'];
    const notes = reasons.map((reason, index) => `- ${markOf(index)} ${reason}\n`).join('');
    return `## ${table.title}\n\n${table.about}\n\n${grid([heads, ...rows.values()])}${notes && `\n${notes}`}`;
  }

  #word(table: Table, cell: Cell, reasons: readonly string[]): string {
    if (cell.cannot !== undefined) return `– ${markOf(reasons.indexOf(cell.cannot))}`;
    return this.#green.has(keyOf(table, cell)) ? 'ok' : 'FAILED';
  }
}

export function nameOf({ peer, transport, encryption, protocol }: Cell): string {
  return `${peer}, ${transport}, ${encryption}, ${protocol}`;
}

const lastRun = path.join(import.meta.dirname, '../../.cache/interop.md');

/** Keeps the tables of a run, for the report. */
export function saveRun(markdown: string): void {
  mkdirSync(path.dirname(lastRun), { recursive: true });
  writeFileSync(lastRun, markdown);
}

export function readRun(): string {
  return readFileSync(lastRun, 'utf8');
}

const rowOf = ({ peer, transport, encryption }: Cell) => [peer, transport, encryption];
const keyOf = (table: Table, cell: Cell) => `${table.title}\n${nameOf(cell)}`;
const markOf = (index: number) => `(${String.fromCharCode('a'.charCodeAt(0) + index)})`;

function grid(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) => `| ${row.map((word, at) => word.padEnd(widths[at] ?? 0)).join(' | ')} |\n`;
  const [head = [], ...body] = rows;
  return line(head) + line(widths.map((width) => '-'.repeat(width))) + body.map(line).join('');
}
