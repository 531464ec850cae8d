// The types as users compile them: every kind of module, old and new compiler, the declarations themselves checked or not.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { installApplication, newest } from './application.ts';
import { toolFile } from './tools.ts';

const application = await installApplication({ ...newest, '@types/node': '20.19.43' });
for (const name of ['consumer.ts', 'imports.mts', 'requires.cts']) await application.copy('consumer.ts', name);
await application.write('both.mts', "import './imports.mjs';\nimport './requires.cjs';\n");

interface Cell {
  readonly name: string;
  readonly options: readonly string[];
  readonly file: string;
}

const everywhere: readonly Cell[] = [
  // With a file of each kind, so that the declarations of both builds meet.
  { name: 'nodenext, .mts and .cts', options: ['--module', 'nodenext'], file: 'both.mts' },
  { name: 'bundler', options: ['--module', 'esnext', '--moduleResolution', 'bundler'], file: 'consumer.ts' },
];

const compilers: Record<string, readonly Cell[]> = {
  // Slow, so that only the stricter check is made: what is wrong with skipLibCheck is wrong without.
  typescript: [
    ...everywhere,
    {
      name: 'commonjs, esModuleInterop',
      options: ['--module', 'commonjs', '--moduleResolution', 'node10', '--esModuleInterop'],
      file: 'consumer.ts',
    },
    {
      name: 'commonjs, no esModuleInterop',
      options: ['--module', 'commonjs', '--moduleResolution', 'node10', '--esModuleInterop', 'false'],
      file: 'consumer.ts',
    },
  ],
  // Which knows neither node10 nor a missing esModuleInterop any more.
  'typescript-7': [
    ...everywhere,
    {
      name: 'commonjs',
      options: ['--module', 'commonjs', '--moduleResolution', 'bundler'],
      file: 'consumer.ts',
    },
  ],
};

for (const [compiler, cells] of Object.entries(compilers)) {
  const tsc = toolFile(compiler, 'tsc');
  const { stdout: version } = await application.node([tsc, '--version']);
  suite(version.trim(), () => {
    for (const { name, options, file } of cells) {
      for (const skipLibCheck of compiler === 'typescript' ? ['false'] : ['true', 'false']) {
        test(`${name}, skipLibCheck ${skipLibCheck}`, async () => {
          const common = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', '--pretty', 'false'];
          const args = [tsc, ...common, '--skipLibCheck', skipLibCheck, ...options, file];
          const complaints = await application.node(args).then(
            () => [],
            (error: Error) => error.message.split('\n').filter((line) => line.includes('error TS')),
          );
          assert.deepEqual(
            complaints.filter((line) => !isOfPino(line)),
            [],
          );
        });
      }
    }
  });
}

/** pino's own declarations need esModuleInterop, whoever uses them. */
function isOfPino(complaint: string): boolean {
  return /^node_modules\/pino\/pino\.d\.ts\(\d+,\d+\): error TS1259:/.test(complaint);
}
