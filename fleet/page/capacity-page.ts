// Writes docs/capacity.md from its template and the results of the runs, and draws its charts: `npm run docs:capacity`. With
// --check, says whether the page or a chart is stale; that needs nothing that draws.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { draw, inWords } from '../../bench/harness/drawing.ts';
import { charts } from './charts.ts';
import { figures } from './figures.ts';
import { shown } from './tables.ts';

const template = path.join(import.meta.dirname, 'template.txt');
const docs = path.join(import.meta.dirname, '../../docs');
const page = path.join(docs, 'capacity.md');
const images = path.join(docs, 'capacity');

const values = figures();
const text = readFileSync(template, 'utf8').replaceAll(/\{\{([\w.]+)\}\}/g, (_, name: string) => {
  const value = values[name];
  if (value === undefined || Number.isNaN(value))
    throw new Error(`fleet/page/template.txt: there is no figure ${name}`);
  return shown(value);
});
const drawn = Object.values(charts());

if (process.argv.includes('--check')) {
  const stale = readFileSync(page, 'utf8') === text ? [] : [page];
  for (const chart of drawn) {
    const file = path.join(images, chart.file);
    // An image has its numbers as words in itself.
    if (!existsSync(file) || !readFileSync(file, 'utf8').includes(inWords(chart))) stale.push(file);
  }
  for (const file of stale) {
    process.stderr.write(`${path.relative(path.dirname(docs), file)} is stale: npm run docs:capacity\n`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(page, text);
  draw(drawn, images);
}
