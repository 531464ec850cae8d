// Writes docs/capacity.md from its template and the results of the runs: `npm run docs:capacity`. With --check, says whether
// the page is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { figures } from './figures.ts';
import { shown } from './tables.ts';

const template = path.join(import.meta.dirname, 'template.txt');
const page = path.join(import.meta.dirname, '../../docs/capacity.md');

const values = figures();
const text = readFileSync(template, 'utf8').replaceAll(/\{\{([\w.]+)\}\}/g, (_, name: string) => {
  const value = values[name];
  if (value === undefined || Number.isNaN(value))
    throw new Error(`fleet/page/template.txt: there is no figure ${name}`);
  return shown(value);
});

if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== text) {
    process.stderr.write('docs/capacity.md is stale: npm run docs:capacity\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(page, text);
}
