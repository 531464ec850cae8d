// The step before the tests of the packed packages: fetches their tools once. Run by `npm run test:pack`.
try {
  await import('./tools.ts');
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
