// The packages of bench/: the peers, and the library that draws. They are no dependencies of the repository.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Fetches them when they are needed for the first time. */
export function installPeers(): void {
  const folder = path.join(import.meta.dirname, '..');
  if (existsSync(path.join(folder, 'node_modules/.package-lock.json'))) return;
  process.stdout.write('Fetching the peers, the first time only\n');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm could not fetch the peers (bench/package-lock.json)');
}
