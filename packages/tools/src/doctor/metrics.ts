// An agent's own numbers, by HTTP: `-Dflume.monitoring.type=http -Dflume.monitoring.port=34545`.

import { escaped } from 'flume-thrift-client/commands';
import type { Finding } from './finding.ts';

export interface MetricsReport {
  /** One line for each channel. */
  readonly facts: readonly string[];
  readonly findings: readonly Finding[];
}

const fullPercent = 90;

/** Never rejects: what it cannot read is a finding. */
export async function readMetrics(url: string, timeoutMs: number): Promise<MetricsReport> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), headers: { connection: 'close' } });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return judgeMetrics((await response.json()) as Components);
  } catch (error) {
    const reason = (error as Error).cause instanceof Error ? ((error as Error).cause as Error) : (error as Error);
    const causes = [
      'an agent without -Dflume.monitoring.type=http -Dflume.monitoring.port=34545',
      'another path: the numbers are at /metrics',
    ];
    return { facts: [], findings: [{ what: `no metrics at ${url}: ${escaped(reason.message)}`, causes }] };
  }
}

type Components = Readonly<Record<string, Readonly<Record<string, string>>>>;

function judgeMetrics(components: Components): MetricsReport {
  const facts: string[] = [];
  const findings: Finding[] = [];
  for (const [component, numbers] of Object.entries(components)) {
    const [kind = '', name = ''] = component.split('.');
    const number = (key: string): number => Number(numbers[key] ?? 0);
    const shown = escaped(name);
    if (kind === 'CHANNEL') {
      const percent = number('ChannelFillPercentage');
      facts.push(
        `channel ${shown}: ${number('ChannelSize')} of ${number('ChannelCapacity')} events, ${Math.round(percent)} % full`,
      );
      if (percent >= fullPercent) {
        const what = `the channel ${shown} is ${Math.round(percent)} % full: it refuses batches, or soon will`;
        const causes = [
          "its sink stands still or is too slow: the agent's log, and EventDrainSuccessCount, which must grow",
          'its capacity is small',
        ];
        findings.push({ what, causes, set: `a1.channels.${shown}.capacity = ${10 * number('ChannelCapacity')}` });
      }
    } else if (kind === 'SOURCE' && number('ChannelWriteFail') > 0) {
      const what = `the source ${shown} has refused ${number('ChannelWriteFail')} batches since it started`;
      const causes = ['its channel was full', 'a transactionCapacity that is smaller than a batch'];
      findings.push({ what, causes });
    } else if (kind === 'SINK') {
      const failed = number('ConnectionFailedCount');
      const trouble = number('EventWriteFail') + number('ChannelReadFail');
      if (failed > 0) findings.push({ what: `the sink ${shown} failed to reach its other side ${failed} times` });
      if (trouble > 0) findings.push({ what: `the sink ${shown} failed ${trouble} times: the agent's log says why` });
    }
  }
  return { facts, findings };
}
