// The last compiler with an API in JavaScript; as much of its types as is used here.

import { createRequire } from 'node:module';
import { toolFolder } from './tools.ts';

export const ts = createRequire(import.meta.url)(toolFolder('typescript')) as Compiler;

export interface Compiler {
  readonly ModuleKind: { readonly NodeNext: number };
  readonly ModuleResolutionKind: { readonly NodeNext: number };
  readonly SymbolFlags: { readonly Alias: number; readonly Optional: number };
  readonly TypeFlags: { readonly Object: number };
  createProgram(files: readonly string[], options: object): Program;
  getPreEmitDiagnostics(program: Program): readonly Diagnostic[];
  displayPartsToString(parts: unknown): string;
}

export interface Program {
  getTypeChecker(): Checker;
  getSourceFile(file: string): SourceFile;
}

export interface SourceFile {
  readonly statements: readonly { readonly moduleSpecifier?: unknown }[];
}

export interface Diagnostic {
  /** Position in the file. */
  readonly start?: number;
  readonly file?: { readonly fileName: string };
}

export interface Checker {
  getSymbolAtLocation(node: unknown): CompilerSymbol;
  getExportsOfModule(module: CompilerSymbol): readonly CompilerSymbol[];
  getAliasedSymbol(alias: CompilerSymbol): CompilerSymbol;
  getDeclaredTypeOfSymbol(symbol: CompilerSymbol): Type;
  getPropertiesOfType(type: Type): readonly CompilerSymbol[];
}

export interface CompilerSymbol {
  readonly name: string;
  readonly flags: number;
  getDocumentationComment(checker: Checker): unknown;
  getJsDocTags(checker: Checker): readonly { readonly name: string; readonly text?: unknown }[];
}

export interface Type {
  readonly flags: number;
  readonly types: readonly Type[];
  isUnion(): boolean;
  getCallSignatures(): readonly unknown[];
}
