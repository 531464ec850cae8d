// The project's pages of markdown as their tests see them: code blocks, headings, links and tables, each with its line.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import GithubSlugger from 'github-slugger';
import { lexer, type Token, type Tokens, walkTokens } from 'marked';

export const root = path.join(import.meta.dirname, '../..');

export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  readonly line: number;
  /** The heading that the block stands under. */
  readonly heading: string;
  /** What the comment before the block says: `<!-- test: … -->`. */
  readonly directive: string;
}

export interface Table {
  readonly line: number;
  /** The heading that the table stands under. */
  readonly heading: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Page {
  /** From the project's root. */
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly CodeBlock[];
  readonly tables: readonly Table[];
  readonly links: readonly string[];
  readonly anchors: ReadonlySet<string>;
}

export function readPage(name: string): Page {
  const text = readFileSync(path.join(root, name), 'utf8');
  const tokens = lexer(text);
  const blocks: CodeBlock[] = [];
  const tables: Table[] = [];
  const links: string[] = [];
  const anchors = new Set<string>();
  const slugger = new GithubSlugger();
  let line = 1;
  let directive = '';
  let heading = '';
  for (const token of tokens) {
    if (token.type === 'code') {
      const { lang = '', text: code } = token as Tokens.Code;
      blocks.push({ language: lang.split(' ')[0] ?? '', code, line, heading, directive });
    } else if (token.type === 'table') {
      const { header, rows } = token as Tokens.Table;
      const texts = (cells: readonly Tokens.TableCell[]): string[] => cells.map((cell) => cell.text);
      tables.push({ line, heading, header: texts(header), rows: rows.map(texts) });
    } else if (token.type === 'heading') {
      heading = (token as Tokens.Heading).text;
      anchors.add(slugger.slug(plainText(token)));
    }
    if (token.type !== 'space') directive = /^<!-- test: ([^]*?) -->/.exec(token.raw)?.[1] ?? '';
    line += token.raw.split('\n').length - 1;
  }
  void walkTokens(tokens, (token) => {
    if (token.type === 'link' || token.type === 'image') links.push((token as Tokens.Link).href);
  });
  return { name, text, blocks, tables, links, anchors };
}

function plainText(token: Token): string {
  const { tokens = [], text = '' } = token as { tokens?: Token[]; text?: string };
  return tokens.length === 0 ? text : tokens.map(plainText).join('');
}

/** Every page of the project, but for what a tool writes. */
export function pageNames(): string[] {
  const markdown = (folder: string): string[] =>
    readdirSync(path.join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.join(folder, name));
  const packages = readdirSync(path.join(root, 'packages')).map((name) => `packages/${name}`);
  return ['', 'docs', 'bench', 'examples', ...packages].flatMap(markdown).sort();
}
