// The step before the tests against real Flume agents: fetches every version once. Run by `npm run test:flume`.
import { flumeVersions, installFlume } from './maven.ts';

try {
  for (const version of flumeVersions) await installFlume(version);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
