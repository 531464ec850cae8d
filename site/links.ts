// Links between the pages of a built site: each must lead to a page or file that is there, and to a place on it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Page {
  readonly ids: ReadonlySet<string>;
  readonly links: readonly string[];
}

/** @returns a line for each dead link, as `/docs/flume.html: #hdfs` */
export function brokenLinks(folder: string): string[] {
  const pages = new Map<string, Page | undefined>();
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    if (name.endsWith('.html') && name !== '404.html') pages.set(name.split(path.sep).join('/'), undefined);
  }
  const read = (name: string): Page => {
    let page = pages.get(name);
    if (page === undefined) {
      const html = readFileSync(path.join(folder, name), 'utf8');
      const values = (attribute: string): string[] =>
        [...html.matchAll(new RegExp(`\\s${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) => value);
      page = { ids: new Set(values('id')), links: [...values('href'), ...values('src')] };
      pages.set(name, page);
    }
    return page;
  };
  const broken: string[] = [];
  for (const name of pages.keys()) {
    for (const link of new Set(read(name).links)) {
      const decoded = link.replaceAll('&amp;', '&');
      if (/^([a-z][a-z+.-]*:|\/\/)/i.test(decoded)) continue;
      const { pathname, hash } = new URL(decoded, `http://site/${name}`);
      const file = decodeURIComponent(pathname).slice(1);
      const target = [file, `${file}.html`, path.posix.join(file, 'index.html')].find(
        (candidate) =>
          pages.has(candidate) ||
          (candidate !== '' &&
            !candidate.endsWith('/') &&
            existsSync(path.join(folder, candidate)) &&
            path.extname(candidate) !== ''),
      );
      if (target === undefined) broken.push(`/${name}: ${link}`);
      else if (hash !== '' && pages.has(target) && !read(target).ids.has(decodeURIComponent(hash.slice(1))))
        broken.push(`/${name}: ${link}`);
    }
  }
  return broken;
}
