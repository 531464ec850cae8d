// Builds the site of all pages: the repository's Markdown as it stands, and an API reference from the docstrings. The result
// is in site/dist, and has no dead link, or this fails. `--serve` shows it at http://127.0.0.1:4173.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brokenLinks } from './links.ts';

const root = path.join(import.meta.dirname, '..');
const pages = path.join(import.meta.dirname, 'pages');
const built = path.join(import.meta.dirname, 'dist');
const bin = (name: string): string => path.join(import.meta.dirname, 'node_modules/.bin', name);
const run = (command: string, ...args: string[]): void => {
  const { status, error } = spawnSync(command, args, { cwd: import.meta.dirname, stdio: 'inherit' });
  if (error !== undefined || status !== 0) fail(`${path.basename(command)} failed${error ? `: ${error.message}` : ''}`);
};

if (!existsSync(bin('vitepress'))) run('npm', 'ci', '--silent');
for (const folder of [pages, built]) rmSync(folder, { recursive: true, force: true });
const { repository } = JSON.parse(readFileSync(path.join(root, 'project.json'), 'utf8')) as { repository: string };
const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
for (const file of String(listed).split('\n')) {
  if (isPage(file)) writePage(file, readFileSync(path.join(root, file), 'utf8'));
  else if (/^(docs|packages)\/.*\.(svg|png)$/.test(file)) copy(file);
}
run(bin('typedoc'), '--options', 'typedoc.json', '--out', path.join(pages, 'api'));
run(bin('vitepress'), 'build', '.');

const broken = brokenLinks(built);
for (const line of broken) process.stderr.write(`site: ${line}\n`);
if (broken.length > 0) fail(`${broken.length} dead links`);
process.stdout.write(
  `site: ${(readdirSync(built, { recursive: true }) as string[]).filter((name) => name.endsWith('.html')).length} pages in site/dist, no dead link\n`,
);
if (process.argv.includes('--serve')) run(bin('vitepress'), 'serve', '.', '--port', '4173');

function isPage(file: string): boolean {
  return file.endsWith('.md') && existsSync(path.join(root, file)) && !/^(\.changeset|\.github|site)\//.test(file);
}

function copy(file: string): void {
  mkdirSync(path.dirname(path.join(pages, file)), { recursive: true });
  cpSync(path.join(root, file), path.join(pages, file));
}

/** A folder's README is its index; a link to what is no page leads to the repository, where there is one. */
function writePage(file: string, text: string): void {
  const place = path.posix.dirname(file);
  let isCode = false;
  const lines = text.split('\n').map((line) => {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    if (isCode) return line;
    return line.replace(
      /(!?)(\[(?:[^[\]]|\[[^\]]*\])*\])\(([^)\s]+)\)/g,
      (all: string, bang: string, label: string, link: string) => {
        if (/^([a-z][a-z+.-]*:|#)/i.test(link)) return all;
        const [target = '', fragment = ''] = link.split(/(?=#)/);
        const found = path.posix.normalize(path.posix.join(place, target));
        const isFolder = statSync(path.join(root, found)).isDirectory();
        const page = isFolder ? `${found}/README.md` : found;
        if (bang !== '') return all;
        if (isPage(page)) return `${label}(/${page.replace(/README\.md$/, 'index.md')}${fragment})`;
        if (!repository) return label.slice(1, -1);
        return `${label}(${repository}/${isFolder ? 'tree' : 'blob'}/HEAD/${found}${fragment})`;
      },
    );
  });
  const target = path.join(pages, file.replace(/README\.md$/, 'index.md'));
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, lines.join('\n'));
}

function fail(message: string): never {
  process.stderr.write(`site: ${message}\n`);
  process.exit(1);
}
