// Builds the packages. What a package has is in its package.json: for each door of `exports`, and each command of `bin`, that
// leads to dist/NAME.cjs there is a source src/NAME.ts or src/NAME/index.ts. To add an entry, name it there and write the
// source; nothing here has to change. A file that a Worker is started from, and that nobody imports, needs no NAME.mjs:
// `"./exit-worker": { "types": "./dist/exit-worker.d.cts", "default": "./dist/exit-worker.cjs" }`. Whoever starts it finds it
// in `import.meta.dirname`, which is the folder dist in the output.
//
// All doors and commands of a package share one CommonJS file, named as the package, with all that the main door needs;
// what others need besides is in files beside it, and no code is in two. NAME.cjs and NAME.mjs are lists of names, for
// require() and for import, that reach the same code. Types are built alike: the declarations are in NAME.d.cts, and
// NAME.d.mts is a list of names. A comment before the code of each source file says which it is.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import nodeResolve from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { buildPage } from './page.mjs';

const root = path.join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc');
// The modules one by one, as the compiler writes them. Benchmarks load some that no door leads to.
const modules = path.join(root, '.cache/modules');
// What the output depends on besides.
const tools = ['scripts/build.mjs', 'package-lock.json', 'tsconfig.base.json'].map((file) => path.join(root, file));
// Each after those whose declarations it needs.
const order = [
  ['core', 'dev-agent'],
  ['winston', 'pino', 'tools'],
];

// For whoever reads the output, and for where a stack trace leads.
const sources = {
  name: 'sources',
  resolveImportMeta: (property) => (property === 'dirname' ? '__dirname' : null),
  transform: (code, id) => ({ code: code.replace(/^(#!.*\n)?/, `$1// ${sourceOf(id)}\n`), map: null }),
};

// Declarations that say what CommonJS gives, whether or not the compiler has esModuleInterop.
const typeImports = {
  name: 'type-imports',
  renderChunk: (code) => code.replaceAll(/^import (?:\* as )?(\w+) from ('.*');$/gm, 'import $1 = require($2);'),
};

if (process.argv.includes('--clean')) rmSync(modules, { recursive: true, force: true });
for (const names of order) await Promise.all(names.filter((name) => existsSync(packageFolder(name))).map(build));
buildPage(tsc);

async function build(name) {
  await compile(name);
  const folder = packageFolder(name);
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const dist = path.join(folder, 'dist');
  const stamp = path.join(modules, `${name}.stamp`);
  if (existsSync(dist) && isNewer(stamp, [path.join(modules, name), ...tools, path.join(folder, 'package.json')]))
    return;
  const files = entries(manifest.exports, 'cjs');
  const typed = entries(manifest.exports, 'd.cts');
  const doors = entries(manifest.exports, 'mjs');
  const commands = entries(manifest.bin, 'cjs');
  rmSync(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  const written = await writeCode({ manifest, dist, input: inputs(name, [...files, ...commands], '.js') });
  const exports = new Map(written.map((chunk) => [chunk.name, chunk.exports]));
  await writeDeclarations({ manifest, dist, input: inputs(name, typed, '.d.ts'), exports });
  for (const door of doors) await writeImportDoor(dist, door, exports.get(door));
  for (const command of commands) await chmod(path.join(dist, `${command}.cjs`), 0o755);
  await writeLicences(dist, written);
  await writeFile(stamp, '');
}

/** Whether a file was written after all of the others, those in folders included. */
function isNewer(file, others) {
  const writtenMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const inFolder = (folder) => readdirSync(folder, { recursive: true }).map((name) => path.join(folder, name));
  const all = others.flatMap((other) => (statSync(other).isDirectory() ? inFolder(other) : [other]));
  return all.every((other) => statSync(other).mtimeMs < writtenMs);
}

/** The NAMEs of those files of dist with such an extension that a part of package.json leads to. */
function entries(part = {}, extension) {
  const named = JSON.stringify(part).matchAll(/"\.\/dist\/([\w-]+)\.([\w.]+)"/g);
  return [...new Set(Array.from(named).flatMap(([, entry, found]) => (found === extension ? [entry] : [])))];
}

function inputs(name, entries, extension) {
  return Object.fromEntries(
    entries.map((entry) => {
      const candidates = [`${entry}${extension}`, `${entry}/index${extension}`, `commands/${entry}${extension}`];
      const file = candidates.map((candidate) => path.join(modules, name, candidate)).find(existsSync);
      if (file === undefined)
        throw new Error(`packages/${name}/package.json names dist/${entry}.cjs, which has no source`);
      return [entry, file];
    }),
  );
}

/** Code and declarations apart, since the comments of the code are for those who read the source. */
async function compile(name) {
  await Promise.all([
    runCompiler(name, 'code', ['--declaration', 'false', '--removeComments']),
    runCompiler(name, 'declarations', ['--emitDeclarationOnly', '--noCheck']),
  ]);
}

async function runCompiler(name, what, flags) {
  const record = path.join(modules, `${name}-${what}.tsbuildinfo`);
  const args = ['-p', path.join('packages', name), '--outDir', path.join(modules, name), ...flags];
  try {
    await promisify(execFile)(process.execPath, [tsc, ...args, '--incremental', '--tsBuildInfoFile', record], {
      cwd: root,
    });
  } catch ({ stdout, stderr }) {
    process.stderr.write(stdout + stderr);
    process.exit(1);
  }
}

async function writeCode({ manifest, dist, input }) {
  const external = [
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
    manifest.name,
  ];
  const bundle = await rollup({
    input,
    external: (id) => id.startsWith('node:') || external.some((one) => id === one || id.startsWith(`${one}/`)),
    plugins: [nodeResolve(), sources],
    onwarn,
  });
  const { output } = await bundle.write({
    dir: dist,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name].cjs',
    manualChunks: sharedChunk(manifest, input),
    // As Node itself reads a default import of CommonJS.
    interop: 'default',
    exports: 'named',
    externalLiveBindings: false,
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    generatedCode: { preset: 'es2015', symbols: false },
  });
  return output;
}

/** All that the main door needs, but for the door itself: a door that is short is quick to import. */
function sharedChunk({ name }, { index }) {
  const needed = new Set([index]);
  return (id, { getModuleInfo }) => {
    if (needed.size === 1)
      for (const one of needed) getModuleInfo(one)?.importedIds.forEach((next) => needed.add(next));
    return id !== index && needed.has(id) ? name : undefined;
  };
}

/** `src/channel/block.ts`, `node_modules/valibot/dist/index.mjs` */
function sourceOf(id) {
  if (!id.startsWith(modules)) return path.relative(root, id);
  const [, ...own] = path.relative(modules, id).split(path.sep);
  return path.posix.join('src', ...own).replace(/\.js$/, '.ts');
}

/** A class of which a door exports only the type is no value in its declarations either. */
function typeExports(exports) {
  const marked = (list, values) =>
    list.replaceAll(/(?:\w+ as )?(\w+)/g, (one, name) => (values.includes(name) ? one : `type ${one}`));
  return {
    name: 'type-exports',
    renderChunk(code, { name }) {
      const values = exports.get(name);
      if (values === undefined) return null;
      return code.replaceAll(/^(export \{)(.*)(\}.*;)$/gm, (_, start, list, end) => start + marked(list, values) + end);
    },
  };
}

function onwarn({ code, message }) {
  // Nothing is wrong with types that two doors use and none exports, in a file that both import, or with a file without types.
  if (message.includes('private shared type exports') || code === 'EMPTY_BUNDLE') return;
  throw new Error(message);
}

async function writeDeclarations({ manifest, dist, input, exports }) {
  if (Object.keys(input).length === 0) return;
  const bundle = await rollup({
    input,
    external: (id) => !id.startsWith('.') && !path.isAbsolute(id),
    plugins: [dts(), typeImports, typeExports(exports)],
    onwarn,
  });
  await bundle.write({
    dir: dist,
    format: 'es',
    entryFileNames: '[name].d.cts',
    chunkFileNames: ({ name }) => `${name.replace(/\.d$/, '')}.d.cts`,
    manualChunks: sharedChunk(manifest, input),
    hoistTransitiveImports: false,
    minifyInternalExports: false,
  });
}

/** The names as such, since not all that reads ES modules sees through `export *` from CommonJS; its default has another name. */
async function writeImportDoor(dist, door, names) {
  const file = `./${door}.cjs`;
  const exports = names.includes('default') ? require(path.join(dist, file)) : {};
  const defaultName = names.find((name) => name !== 'default' && exports[name] === exports.default);
  const listed = names.map((name) => (name === 'default' ? `${defaultName} as default` : name));
  const code = listed.length === 0 ? `import '${file}';` : `export { ${listed.join(', ')} } from '${file}';`;
  await writeFile(path.join(dist, `${door}.mjs`), `${code}\n`);
  const types = [`export * from '${file}';`];
  if (names.includes('default')) types.push(`export { ${defaultName} as default } from '${file}';`);
  await writeFile(path.join(dist, `${door}.d.mts`), `${types.join('\n')}\n`);
}

/** Of the packages whose code is in the output. */
async function writeLicences(dist, chunks) {
  const files = chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => id.includes('node_modules'));
  const folders = new Set(files.map((id) => /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(id)[0]));
  const texts = Array.from(folders, (folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return `Parts of ${name} ${version} (${license}) are in this package:\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
  });
  if (texts.length > 0) await writeFile(path.join(dist, 'THIRD-PARTY-LICENSES.txt'), texts.join('\n---\n\n'));
}

function packageFolder(name) {
  return path.join(root, 'packages', name);
}
