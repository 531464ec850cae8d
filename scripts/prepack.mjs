// Makes a package ready for the registry: npm runs this in the package's folder before it packs (prepack), and with
// --restore afterwards (postpack). It builds, writes what project.json says into package.json, leaves out what only we
// need there, and makes whole links of the README's relative ones. Fails while project.json has empty entries.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const folder = process.cwd();
const kept = path.join(folder, '.prepack');
const files = ['package.json', 'README.md'];

if (process.argv.includes('--restore')) restore();
else prepare();

function prepare() {
  const project = readProject();
  // An earlier run that was cut short left the originals there.
  restore();
  execFileSync(process.execPath, [path.join(root, 'scripts/build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] });
  mkdirSync(kept);
  for (const file of files) cpSync(path.join(folder, file), path.join(kept, file));
  const place = path.relative(root, folder).split(path.sep).join('/');
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const { scripts: _scripts, devDependencies: _devDependencies, ...published } = manifest;
  const metadata = {
    repository: { type: 'git', url: `git+${project.repository}.git`, directory: place },
    homepage: `${project.homepage}`,
    bugs: project.bugs,
    author: project.author,
  };
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify({ ...published, ...metadata }, null, 2)}\n`);
  const readme = readFileSync(path.join(folder, 'README.md'), 'utf8');
  writeFileSync(path.join(folder, 'README.md'), wholeLinks(readme, place, project.repository));
}

function restore() {
  if (!existsSync(kept)) return;
  for (const file of files) cpSync(path.join(kept, file), path.join(folder, file));
  rmSync(kept, { recursive: true });
}

function readProject() {
  const project = JSON.parse(readFileSync(path.join(root, 'project.json'), 'utf8'));
  const empty = ['repository', 'homepage', 'bugs', 'author'].filter((name) => !project[name]);
  if (empty.length > 0)
    fail(`project.json: ${empty.join(', ')}: empty, and a package without them must not be published`);
  if (!/^https:\/\/[^/]+\/[^/]+\/[^/]+$/.test(project.repository) || project.repository.endsWith('.git')) {
    fail(`project.json: repository: expected https://host/owner/name, got '${project.repository}'`);
  }
  return project;
}

/** Links and images that are relative to the package's folder, as a reader of the registry's page needs them. */
function wholeLinks(readme, place, repository) {
  const whole = (link, isImage) => {
    const [target, fragment = ''] = link.split(/(?=#)/);
    const file = path.posix.normalize(path.posix.join(place, target));
    if (!existsSync(path.join(root, file))) fail(`${place}/README.md: ${link}: no such file`);
    const kind = isImage ? 'raw' : statSync(path.join(root, file)).isDirectory() ? 'tree' : 'blob';
    return `${repository}/${kind}/HEAD/${file}${fragment}`;
  };
  const isRelative = (link) => !/^([a-z][a-z+.-]*:|#|\/)/i.test(link);
  let isCode = false;
  return readme
    .split('\n')
    .map((line) => {
      if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
      if (isCode) return line;
      return line
        .replace(/(!?)(\[(?:[^[\]]|\[[^\]]*\])*\])\(([^)\s]+)\)/g, (all, bang, text, link) => {
          // A picture that is a link: the picture's own link is within the text.
          const inner = text.replace(/(!\[[^\]]*\])\(([^)\s]+)\)/g, (picture, name, source) =>
            isRelative(source) ? `${name}(${whole(source, true)})` : picture,
          );
          return isRelative(link) ? `${bang}${inner}(${whole(link, bang !== '')})` : all.replace(text, inner);
        })
        .replace(/\b(src|srcset|href)="([^"]+)"/g, (all, name, link) =>
          isRelative(link) ? `${name}="${whole(link, name !== 'href')}"` : all,
        );
    })
    .join('\n');
}

function fail(message) {
  process.stderr.write(`prepack: ${message}\n`);
  process.exit(1);
}
