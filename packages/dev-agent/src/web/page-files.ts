// The page's files, as they are served: read once, from the package.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import folder from 'flume-dev-agent/assets';

export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

/** By the path of their address. */
const names: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html'],
  '/page.css': ['page.css', 'text/css'],
  '/uplot.css': ['uplot.css', 'text/css'],
  '/uplot.js': ['uplot.js', 'text/javascript'],
  '/page.js': ['page.js', 'text/javascript'],
};

const read = new Map<string, PageFile>();

/** undefined where there is no such file. Throws where the package was not built. */
export function pageFile(address: string): PageFile | undefined {
  const known = read.get(address);
  if (known !== undefined || !Object.hasOwn(names, address)) return known;
  const [file, type] = names[address] as readonly [string, string];
  const found = { type: `${type}; charset=utf-8`, content: readFileSync(path.join(folder, file)) };
  read.set(address, found);
  return found;
}
