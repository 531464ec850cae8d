// What a chart of a page is, and how it becomes an image beside that page: docs/performance.md, docs/capacity.md.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { installPeers } from './peers.ts';

export interface Chart {
  readonly file: string;
  readonly title: string;
  /** What it shows, for who cannot see it. */
  readonly description: string;
  readonly bars?: readonly Bar[];
  /** On a logarithmic axis, in µs. */
  readonly dots?: readonly Dots[];
  readonly columns?: Columns;
}

export interface Bar {
  readonly name: string;
  /** What the page is about is dark, what it is compared with is pale. */
  readonly isSubject: boolean;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Dots {
  readonly name: string;
  readonly isSubject: boolean;
  readonly values: readonly number[];
}

/** A value of each series in each group. Series come in pairs, a pale one and a dark one of the same colour. */
export interface Columns {
  readonly groups: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

/** The chart in words: the page has them with the image, and the image has them in itself. */
export const inWords = ({ title, description }: Chart): string => `${title}: ${description}`;

/** @param to the folder of the images, seen from the page */
export const onPage = (chart: Chart, to: string): string => `![${inWords(chart)}](${to}/${chart.file})`;

/** Draws them into a folder of their own. In a process of its own: a checkout does not install the library that draws. */
export function draw(charts: readonly Chart[], folder: string): void {
  installPeers();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const program = path.join(import.meta.dirname, '../programs/charts.mjs');
  const { status, stderr } = spawnSync(process.execPath, [program, folder], {
    input: JSON.stringify(charts.map((chart) => ({ ...chart, inWords: inWords(chart) }))),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the charts could not be drawn:\n${stderr}`);
}
