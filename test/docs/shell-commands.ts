// What a page tells its reader to type: that it is shell, that the scripts and commands exist, and that they know the flags.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './page.ts';

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
}

const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as Manifest;

const scripts = manifest('.').scripts ?? {};

/** Our commands, with what starts them. */
const commands = new Map(
  readdirSync(path.join(root, 'packages')).flatMap((name) =>
    Object.entries(manifest(`packages/${name}`).bin ?? {}).map(
      ([command, file]) => [command, path.join(root, 'packages', name, file)] as const,
    ),
  ),
);

const helpTexts = new Map<string, string>();

function helpOf(command: string): string {
  let help = helpTexts.get(command);
  if (help === undefined) {
    const { stdout } = spawnSync(process.execPath, [commands.get(command) ?? '', '--help'], { encoding: 'utf8' });
    assert.notEqual(stdout, '', `${command} --help`);
    helpTexts.set(command, stdout);
    help = stdout;
  }
  return help;
}

export function assertCommands(code: string): void {
  const { stderr } = spawnSync('bash', ['-n'], { input: code, encoding: 'utf8' });
  assert.equal(stderr, '');
  for (const [, script = ''] of code.matchAll(/npm run ([\w:-]+)/g)) assert.ok(script in scripts, `npm run ${script}`);
  for (const line of code.replaceAll(/\\\n */g, '').split(/\n|\| /)) {
    const [, command = '', flags = ''] = /^ *(?:\w+=\S+ )*(?:npx )?([\w-]+)(.*)$/.exec(line) ?? [];
    if (!commands.has(command)) continue;
    for (const [, flag = ''] of flags.replace(/ # .*$/, '').matchAll(/ (--[\w-]+)/g)) {
      assert.ok(helpOf(command).includes(flag), `${command} ${flag}`);
    }
  }
}
