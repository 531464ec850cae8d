// Mutation testing: StrykerJS changes the code of delivery in one place after the other, and each time some test must fail.
// What no test notices is named at the end. Other files: npm run mutation -- --mutate packages/core/src/rpc/calls.ts

/** In order, so that quick tests come first. */
const testFiles = [
  'packages/core/test/channel/ledger.test.ts',
  'packages/core/test/channel/memory-channel.test.ts',
  'packages/core/test/channel/file-channel.test.ts',
  'packages/core/test/agents/*.test.ts',
  'packages/core/test/sink/*.test.ts',
  'packages/core/test/{store,spool}/*.test.ts',
  'packages/core/test/file-delivery.test.ts',
  'test/mutation/simulations.test.ts',
];

export default {
  mutate: ['sink', 'agents', 'channel', 'store', 'spool'].map((room) => `packages/core/src/${room}/*.ts`),
  // What a message says is for tests of messages.
  mutator: { excludedMutations: ['StringLiteral'] },
  plugins: ['node_modules/@stryker-mutator/tap-runner/dist/src/index.js', 'survivors.mjs'].map(
    (file) => new URL(file, import.meta.url).pathname,
  ),
  testRunner: 'tap',
  tap: { testFiles, nodeArgs: ['--import', 'tsx', '--test-reporter=tap', '-r', '{{hookFile}}', '{{testFile}}'] },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  // Rewriting it takes an older TypeScript, and is of no use here.
  tsconfigFile: 'no-tsconfig.json',
  tempDirName: '.cache/mutation',
  ignorePatterns: ['/dist', '/site', '/bench', '/docs', '/examples', 'packages/*/dist', '.cache'],
  reporters: ['survivors', 'clear-text'],
  clearTextReporter: { reportTests: false, reportMutants: false },
  disableTypeChecks: false,
  allowConsoleColors: false,
};
