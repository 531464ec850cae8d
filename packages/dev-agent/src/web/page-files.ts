// The page's files, as they are served: those of one folder of the package, read once.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import folder from 'flume-dev-agent/assets';

export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

let files: ReadonlyMap<string, PageFile> | undefined;

/** By the path of its address; undefined where there is no such file. Throws where the package was not built. */
export function pageFile(address: string): PageFile | undefined {
  files ??= readFiles();
  return files.get(address === '/' ? '/index.html' : address);
}

function readFiles(): ReadonlyMap<string, PageFile> {
  const names = readdirSync(folder).filter((name) => path.extname(name) in types);
  return new Map(
    names.map((name) => {
      const type = types[path.extname(name)] as string;
      return [`/${name}`, { type, content: readFileSync(path.join(folder, name)) }];
    }),
  );
}
