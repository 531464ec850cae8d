// The step before the tests against real Flume agents: fetches every version once, and what the sinks of docs/flume.md need. Run by `npm run test:flume`.
import { flumeVersions, installFlume, installSinkLibrary, sinkLibraries } from './maven.ts';

try {
  for (const version of flumeVersions) await installFlume(version);
  for (const name of sinkLibraries) await installSinkLibrary(name);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
