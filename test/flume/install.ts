// The step before the tests against real Flume agents: fetches every version once. Run by `npm run test:flume`.
import { flumeVersions, installFlume } from './maven.ts';

try {
  for (const version of flumeVersions) await installFlume(version);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
