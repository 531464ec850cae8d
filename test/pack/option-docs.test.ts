// What an editor shows of an option: every property of every exported options type has a sentence, one that may be left out
// has its default, a time or a size its unit. Seen by TypeScript itself in the packed declarations.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installApplication } from './application.ts';
import { ts } from './compiler.ts';

const application = await installApplication();

for (const [name, least] of Object.entries({
  'flume-thrift-client': 60,
  'winston-flume': 30,
  'pino-flume': 60,
  'flume-dev-agent': 14,
})) {
  test(name, (t) => {
    const file = application.path('node_modules', name, 'dist/index.d.mts');
    const { seen, complaints } = undocumented(file);
    t.diagnostic(`${seen} options`);
    assert.deepEqual(complaints, []);
    // So that a change in how types are written cannot hide all of them from this test.
    assert.ok(seen >= least, `only ${seen} options seen`);
  });
}

function undocumented(file: string): { seen: number; complaints: string[] } {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
    strict: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const door = checker.getSymbolAtLocation(program.getSourceFile(file));
  const complaints: string[] = [];
  let seen = 0;
  for (const exported of checker.getExportsOfModule(door)) {
    if (!/Options?$/.test(exported.name)) continue;
    const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
    const type = checker.getDeclaredTypeOfSymbol(isAlias ? checker.getAliasedSymbol(exported) : exported);
    for (const part of type.isUnion() ? type.types : [type]) {
      if ((part.flags & ts.TypeFlags.Object) === 0 || part.getCallSignatures().length > 0) continue;
      for (const property of checker.getPropertiesOfType(part)) {
        seen += 1;
        const sentence = ts.displayPartsToString(property.getDocumentationComment(checker));
        const tags = property.getJsDocTags(checker);
        const fallback = tags.find((tag) => tag.name === 'default')?.text;
        const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
        const lacks = missing(property.name, sentence, isOptional, ts.displayPartsToString(fallback));
        complaints.push(...lacks.map((what) => `${exported.name}.${property.name}: ${what}`));
      }
    }
  }
  return { seen, complaints };
}

function missing(name: string, sentence: string, isOptional: boolean, fallback: string): string[] {
  const all = `${sentence} ${fallback}`;
  return [
    ...(sentence.trim() === '' ? ['no sentence'] : []),
    ...(isOptional && fallback === '' ? ['no @default'] : []),
    ...(name.endsWith('Ms') && !/\b(milliseconds|ms)\b/i.test(all) ? ['no unit'] : []),
    ...(/Bytes$|^byte/.test(name) && !/\bbytes\b/i.test(all) ? ['no unit'] : []),
  ];
}
