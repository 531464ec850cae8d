// The source as one hand wrote it: a file that a reader can hold, a class whose face is small, and comments that begin with
// the thing that they are about.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { Node, Project } from 'ts-morph';

const root = path.join(import.meta.dirname, '../..');
const mostLines = 300;
const mostMembers = 14;
/** Classes whose members others prescribe, and why. */
const exceptions: Readonly<Record<string, string>> = {
  'packages/winston/src/flume-transport.ts: FlumeTransport': "9 of 15 are methods that winston and Node's streams call",
  'packages/dev-agent/src/dev-agent.ts: DevAgent': 'what a test may ask of an agent, each documented in its README',
};

describe('the source', () => {
  const lines = new Map<string, number>();
  const comments: string[] = [];
  /** Of each class of its own, inherited ones not counted; a pair of get and set is one. */
  const members = new Map<string, number>();

  before(() => {
    const project = new Project({ compilerOptions: { allowJs: true }, skipFileDependencyResolution: true });
    for (const name of readdirSync(path.join(root, 'packages'))) {
      project.addSourceFilesAtPaths(path.join(root, 'packages', name, '{src,page}/**/*.ts'));
    }
    for (const file of project.getSourceFiles()) {
      const name = path.relative(root, file.getFilePath());
      lines.set(name, file.getEndLineNumber() - (file.getFullText().endsWith('\n') ? 1 : 0));
      const text = file.getFullText();
      comments.push(
        ...Array.from(text.matchAll(/^ *(?:\/\/|\/?\*+) What\b.*$/gm), ([line]) => `${name}: ${line.trim()}`),
      );
      file.forEachDescendant((node) => {
        if (!Node.isClassDeclaration(node) && !Node.isClassExpression(node)) return;
        const names = node.getMembers().flatMap((member) => {
          if (Node.isConstructorDeclaration(member) || Node.isClassStaticBlockDeclaration(member)) return [];
          return member.hasModifier('private') || member.hasModifier('protected') ? [] : [member.getName()];
        });
        const open = names.filter((one) => !one.startsWith('#'));
        members.set(`${name}: ${node.getName() ?? 'a class'}`, new Set(open).size);
      });
    }
    assert.ok(lines.size > 200 && members.size > 50, 'the source was found');
  });

  it(`no file has more than ${mostLines} lines`, () => {
    assert.deepEqual(
      [...lines].filter(([, count]) => count > mostLines),
      [],
    );
  });

  it(`no class has more than ${mostMembers} public members of its own`, () => {
    assert.deepEqual(
      [...members]
        .filter(([, count]) => count > mostMembers)
        .map(([name]) => name)
        .sort(),
      Object.keys(exceptions).sort(),
    );
  });

  it('no comment begins with What', () => assert.deepEqual(comments, []));
});
