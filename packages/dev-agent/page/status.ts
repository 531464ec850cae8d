// Numbers at the top, connections, latency: what the agent tells each second.
import type { Stats } from './api.ts';
import { byId, element } from './dom.ts';
import { count, duration, milliseconds, short, size } from './format.ts';

const connectionsShown = 50;

export function showStats(stats: Stats): void {
  const { agent, nowMs, latency, connections, answers } = stats;
  const last = stats.rates.find(({ second }) => second === Math.floor(nowMs / 1000) - 1);
  set('accepted', count(stats.accepted));
  set('rate', short(last?.events ?? 0));
  set('throughput', size(last?.bytes ?? 0));
  set('calls', short(stats.calls));
  const where = agent.path ?? `${agent.host.includes(':') ? `[${agent.host}]` : agent.host}:${agent.port}`;
  const how = [agent.protocol, ...(agent.framed ? [] : ['unframed']), ...(agent.tls ? ['TLS'] : [])];
  const conf = agent.conf === null ? [] : [`routes of ${agent.conf.split('/').at(-1)}`];
  set('about', [where, ...how, ...conf].join(' · '));
  set('open', `${count(connections.length)} open${stats.open > 0 ? `, ${count(stats.open)} calls under way` : ''}`);
  const { medianMs, p99Ms } = latency;
  set('latency', `half answered in ${milliseconds(medianMs)}, 99 % in ${milliseconds(p99Ms)}`);
  const given = Object.entries(answers).map(([answer, times]) => `${answer} ${short(times)}`);
  set('answers', given.slice(0, 6).join(' · '));
  byId('connections').replaceChildren(
    ...connections.slice(-connectionsShown).map(({ connection, sinceMs, calls, events }) => {
      const cells = [count(connection), duration(nowMs - sinceMs), short(calls), short(events)];
      return element('tr', {}, ...cells.map((text) => element('td', {}, text)));
    }),
  );
}

export function showLink(isOpen: boolean): void {
  byId('link').classList.toggle('is-open', isOpen);
  set('link-text', isOpen ? 'live' : 'the agent is gone; waiting for it');
}

function set(id: string, text: string): void {
  const at = byId(id);
  if (at.textContent !== text) at.textContent = text;
}
