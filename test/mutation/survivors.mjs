// Tells of each change that no test has noticed as soon as that is known, so that nothing is lost where a run is cut short.
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';

const counts = {};
const say = (line) => process.stdout.write(`${line}\n`);

class Survivors {
  onMutantTested({ status, fileName, location, mutatorName, replacement }) {
    counts[status] = (counts[status] ?? 0) + 1;
    if (Object.values(counts).reduce((sum, count) => sum + count) % 20 === 0) say(JSON.stringify(counts));
    if (status !== 'Survived' && status !== 'NoCoverage') return;
    const { start, end } = location;
    const place = `${fileName}:${start.line}:${start.column}-${end.line}:${end.column}`;
    say(`${status} ${place} ${mutatorName}: ${replacement?.replaceAll(/\s+/g, ' ')}`);
  }

  onMutationTestReportReady() {
    say(JSON.stringify(counts));
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, 'survivors', Survivors)];
