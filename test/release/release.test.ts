// A release, up to the moment when the registry is asked: each package is packed as it would be published, from a copy of
// the checkout, and looked at.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

const root = path.join(import.meta.dirname, '../..');
const packages = ['core', 'dev-agent', 'winston', 'pino', 'tools'];
const project = {
  repository: 'https://git.example/owner/flume-transports',
  homepage: 'https://flume-transports.example',
  bugs: 'https://git.example/owner/flume-transports/issues',
  author: 'Somebody',
};

describe('a release', { timeout: 300_000 }, () => {
  let folder = '';
  let registry: http.Server;
  const asked: string[] = [];
  const manifests = new Map<string, Record<string, unknown>>();
  const readmes = new Map<string, string>();

  before(async () => {
    folder = fs.mkdtempSync(path.join(tmpdir(), 'flume-release-'));
    copyCheckout(folder);
    registry = http.createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(404).end('{}');
    });
    registry.listen(0, '127.0.0.1');
    await once(registry, 'listening');
  });
  after(() => {
    registry.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const publish = async (name: string): Promise<{ code: number; stderr: string }> => {
    const { port } = registry.address() as AddressInfo;
    const args = ['publish', '--dry-run', '--json', '--registry', `http://127.0.0.1:${port}/`];
    const child = spawn('npm', args, { cwd: path.join(folder, 'packages', name), stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stdout.resume();
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number];
    return { code, stderr };
  };

  it('fails while project.json is empty, and leaves everything as it was', async () => {
    const empty = Object.fromEntries(Object.keys(project).map((key) => [key, '']));
    fs.writeFileSync(path.join(folder, 'project.json'), JSON.stringify(empty));
    const { code, stderr } = await publish('core');
    assert.notEqual(code, 0);
    assert.match(stderr, /project\.json: repository, homepage, bugs, author: empty/);
    assert.equal(
      fs.readFileSync(path.join(folder, 'packages/core/package.json'), 'utf8'),
      fs.readFileSync(path.join(root, 'packages/core/package.json'), 'utf8'),
    );
  });

  it('packs every package, and publishes nothing by itself', async () => {
    fs.writeFileSync(path.join(folder, 'project.json'), JSON.stringify(project));
    for (const name of packages) {
      const { code, stderr } = await publish(name);
      assert.equal(code, 0, stderr);
      execFileSync('npm', ['pack', '--silent'], { cwd: path.join(folder, 'packages', name), stdio: 'ignore' });
      const tarball = fs.readdirSync(path.join(folder, 'packages', name)).find((file) => file.endsWith('.tgz')) ?? '';
      const from = (file: string): string =>
        execFileSync('tar', ['-xzOf', tarball, `package/${file}`], {
          cwd: path.join(folder, 'packages', name),
          encoding: 'utf8',
        });
      manifests.set(name, JSON.parse(from('package.json')));
      readmes.set(name, from('README.md'));
    }
    assert.deepEqual(
      asked.filter((line) => !line.startsWith('GET ')),
      [],
    );
  });

  for (const name of packages) {
    it(`${name} says where it is from, and nothing that only we need`, () => {
      const manifest = manifests.get(name) ?? {};
      const url = `git+${project.repository}.git`;
      assert.deepEqual(manifest.repository, { type: 'git', url, directory: `packages/${name}` });
      assert.deepEqual(
        [manifest.homepage, manifest.bugs, manifest.author, manifest.license],
        [project.homepage, project.bugs, project.author, 'MIT'],
      );
      assert.deepEqual([manifest.scripts, manifest.devDependencies], [undefined, undefined]);
    });

    it(`${name}'s README has whole links only, to files that there are`, () => {
      const readme = (readmes.get(name) ?? '').replaceAll(/^(```|~~~)[^]*?^\1/gm, '');
      assert.notEqual(readme, '');
      const links = [...readme.matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"]+)"/g)].map(
        ([, markdown, html]) => markdown ?? html ?? '',
      );
      for (const link of links) {
        assert.match(link, /^(https?:|mailto:|#)/);
        const [, file] = /\/(?:blob|tree|raw)\/HEAD\/([^#]+)/.exec(link) ?? [];
        if (link.startsWith(project.repository) && file !== undefined) {
          assert.ok(fs.existsSync(path.join(root, file)), link);
        }
      }
    });

    it(`${name}'s folder is as it was`, () => {
      for (const file of ['package.json', 'README.md']) {
        assert.equal(
          fs.readFileSync(path.join(folder, 'packages', name, file), 'utf8'),
          fs.readFileSync(path.join(root, 'packages', name, file), 'utf8'),
        );
      }
      assert.ok(!fs.existsSync(path.join(folder, 'packages', name, '.prepack')));
    });
  }
});

/** The files that git knows, as they are now, beside the installed dependencies. */
function copyCheckout(folder: string): void {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of list.split('\0')) {
    const source = path.join(root, file);
    if (file === '' || !fs.existsSync(source)) continue;
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.copyFileSync(source, path.join(folder, file));
  }
  const modules = path.join(folder, 'node_modules');
  fs.mkdirSync(modules);
  for (const name of fs.readdirSync(path.join(root, 'node_modules'))) {
    const installed = path.join(root, 'node_modules', name);
    // The packages themselves are links, and must be those of the copy.
    const own = fs.lstatSync(installed).isSymbolicLink() ? path.relative(root, fs.realpathSync(installed)) : undefined;
    fs.symlinkSync(own === undefined ? installed : path.join(folder, own), path.join(modules, name));
  }
  for (const name of packages) {
    const own = path.join(root, 'packages', name, 'node_modules');
    if (fs.existsSync(own)) fs.symlinkSync(own, path.join(folder, 'packages', name, 'node_modules'));
  }
}
