// Every option as the source has it: its name, type and meaning from the documented interfaces, its default from what the
// options are resolved to. Where a comment names another default than the code has, that is an error.
import assert from 'node:assert/strict';
import path from 'node:path';
import { type InterfaceDeclaration, type JSDoc, Node, Project, type PropertySignature } from 'ts-morph';
import { resolveClient } from '../../packages/core/src/options/client-options.ts';
import { resolveDelivery } from '../../packages/core/src/options/delivery-options.ts';
import { recordEntries } from '../../packages/core/src/options/record-options.ts';
import { resolveOptions as resolveDevAgent } from '../../packages/dev-agent/src/options.ts';
import { root } from './page.ts';

export interface OptionRow {
  readonly name: string;
  readonly type: string;
  /** As it stands in code; undefined: none. */
  readonly default: string | undefined;
  readonly meaning: string;
}

export interface OptionGroup {
  /** The interface in the source. */
  readonly name: string;
  readonly rows: readonly OptionRow[];
}

const project = new Project({
  tsConfigFilePath: path.join(root, 'tsconfig.test.json'),
  skipAddingFilesFromTsConfig: true,
});

const delivery = resolveDelivery();
const file = resolveDelivery({ channel: { type: 'file', dir: 'spool' } });
const [agent] = delivery.agents;
assert.ok(agent?.tag === 'tcp');
const single = { host: agent.host, port: agent.port };

const doors = ['core', 'winston', 'pino', 'dev-agent'].map((name) => `packages/${name}/src/index.ts`);

/** The names of all interfaces of options that the packages export. */
export function exportedOptions(): string[] {
  return doors.flatMap((door) =>
    [...project.addSourceFileAtPath(path.join(root, door)).getExportedDeclarations()]
      .filter(
        ([name, declared]) => name.endsWith('Options') && declared.some((each) => Node.isInterfaceDeclaration(each)),
      )
      .map(([name]) => name),
  );
}

/** What an interface's options are when nobody sets them. */
const resolved: Readonly<Record<string, object>> = {
  DeliveryOptions: { ...delivery, agents: agent.name, ...single, channel: undefined, retry: undefined },
  RetryOptions: delivery.retry,
  MemoryChannelOptions: delivery.channel,
  FileChannelOptions: { ...file.channel, dir: undefined },
  FlumeClientOptions: { ...resolveClient(), ...single },
  RecordOptions: Object.fromEntries(Object.entries(recordEntries).map(([name, entry]) => [name, entry.default])),
  DevAgentOptions: { ...resolveDevAgent({}), idleTimeoutMs: undefined },
};

/** The options of an interface, without those that it inherits. */
export function optionGroup(name: string, sourceFile: string): OptionGroup {
  const source = project.addSourceFileAtPath(path.join(root, sourceFile));
  const declaration = source.getInterfaceOrThrow(name);
  return { name, rows: declaration.getProperties().map((property) => row(declaration, property)) };
}

function row(declaration: InterfaceDeclaration, property: PropertySignature): OptionRow {
  const name = property.getName();
  const [comment] = property.getJsDocs();
  const told = comment
    ?.getTags()
    .find((tag) => tag.getTagName() === 'default')
    ?.getCommentText();
  const where = `${declaration.getName()}.${name}`;
  const meaning =
    (comment ?? aliasComment(property))
      ?.getDescription()
      .trim()
      .replaceAll(/\s*\n\s*/g, ' ') ?? '';
  assert.notEqual(meaning, '', `${where}: no comment says what it means`);
  const defaults = resolved[declaration.getName()];
  const value = defaults === undefined ? undefined : (defaults as Record<string, unknown>)[name];
  const known = value === undefined ? undefined : literal(value);
  if (known !== undefined && told !== undefined) {
    assert.equal(plain(told), plain(known), `${where}: the comment's @default and the code differ`);
  }
  return { name, type: typeOf(property), default: known ?? told?.replace(/^undefined: /, ''), meaning };
}

/** Where an option says nothing of itself, the type that it shares with others does. */
const aliasComment = (property: PropertySignature): JSDoc | undefined =>
  property
    .getType()
    .getNonNullableType()
    .getAliasSymbol()
    ?.getDeclarations()
    .find(Node.isTypeAliasDeclaration)
    ?.getJsDocs()[0];

const plain = (text: string): string => text.replace(/ \(.*\)$|,? (?:with|:) .*$/s, '').replaceAll('_', '');

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value as number | boolean);
}

/** The type in words that fit a table: the members of a union of literals, else as it is written. */
function typeOf(property: PropertySignature): string {
  const type = property.getType().getNonNullableType();
  const members = type.isUnion() ? type.getUnionTypes() : [type];
  if (members.every((member) => member.isStringLiteral())) {
    return members.map((member) => `'${String(member.getLiteralValue() as string)}'`).join(' | ');
  }
  const text = property.getTypeNodeOrThrow().getText();
  return text.replaceAll(/ \| undefined|readonly |Readonly<(Record<[^>]*>)>/g, '$1').replaceAll(/\s+/g, ' ');
}
