// Every door of every package: import and require() reach the same code, and the types name what is there.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { installApplication, newest, received } from './application.ts';
import { type Program, ts } from './compiler.ts';
import { packAll } from './tarballs.ts';

const application = await installApplication({ ...newest, '@opentelemetry/api': '1.9.0' });
for (const program of ['doors.mjs', 'books.cjs']) await application.copy(program);

interface Door {
  readonly door: string;
  readonly imported: readonly string[];
  readonly required: readonly string[];
  readonly different: readonly string[];
}

const doors: string[] = [];
for (const { name } of await packAll()) {
  const { exports } = JSON.parse(await application.read(`node_modules/${name}/package.json`)) as { exports: object };
  const entries = Object.entries(exports).filter(([, target]) => 'import' in Object(target));
  doors.push(...entries.map(([door]) => name + door.slice(1)));
}
const typed = [
  ['.mts', await typedValues('mts')],
  ['.cts', await typedValues('cts')],
] as const;
const { stdout } = await application.node(['doors.mjs', ...doors]);

for (const line of stdout.trimEnd().split('\n')) {
  const { door, imported, required, different } = JSON.parse(line) as Door;
  suite(door, () => {
    test('import and require() give the same', () => {
      assert.deepEqual(imported, required);
      assert.deepEqual(different, []);
    });

    for (const [extension, values] of typed) {
      test(`the types have these values, and no others: ${extension}`, () => {
        assert.deepEqual(values.get(door)?.sort(), imported);
      });
    }
  });
}

test('one process that imports and requires a package has one set of books', async () => {
  const messages = await received((port) => application.node(['books.cjs', port]));
  assert.deepEqual(messages, ['flume-thrift-client', 'flume-thrift-client', 'winston-flume', 'winston-flume']);
});

/** Of each door the names that may be used as values, by the types: those that are exported and of whose use nobody complains. */
async function typedValues(extension: string): Promise<Map<string, string[]>> {
  const file = application.path(`values.${extension}`);
  const lines = doors.map((door, index) => `import * as door${index} from '${door}';`);
  const compile = async (): Promise<Program> => {
    await application.write(`values.${extension}`, lines.join('\n'));
    return ts.createProgram([file], {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      noEmit: true,
      skipLibCheck: true,
      strict: true,
      types: [],
    });
  };
  const program = await compile();
  const checker = program.getTypeChecker();
  const uses = program.getSourceFile(file).statements.flatMap(({ moduleSpecifier }, index) => {
    const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(moduleSpecifier));
    return exported.map(({ name }) => ({ door: doors[index] ?? '', name, line: `void door${index}.${name};` }));
  });
  lines.push(...uses.map(({ line }) => line));
  const source = lines.join('\n');
  const complaints = ts.getPreEmitDiagnostics(await compile());
  assert.deepEqual(new Set(complaints.map((one) => one.file?.fileName)), new Set([file]));
  const wrong = new Set(complaints.map(({ start = 0 }) => lines[source.slice(0, start).split('\n').length - 1]));
  const values = new Map<string, string[]>(doors.map((door) => [door, []]));
  for (const { door, name, line } of uses) if (!wrong.has(line)) values.get(door)?.push(name);
  return values;
}
