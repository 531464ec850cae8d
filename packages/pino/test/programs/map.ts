// A map for the worker, in TypeScript.
interface Fields {
  readonly n: number;
  readonly msg: string;
}

export default ({ n, msg }: Fields): { headers: Record<string, string>; body: string } => ({
  headers: { n: String(n) },
  body: `typed ${msg}`,
});
