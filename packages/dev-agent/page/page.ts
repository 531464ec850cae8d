// The page: puts its parts together.
import type { Stats } from './api.ts';
import { clearEvents } from './api.ts';
import { Chart } from './chart.ts';
import { button, byId, element, say } from './dom.ts';
import { EventDetail } from './event-detail.ts';
import { EventList } from './event-list.ts';
import { EventLog } from './event-log.ts';
import { installFaults, showFaults } from './faults.ts';
import type { Filter } from './filter.ts';
import { addressOf, filterQuery, levels, readAddress, writeAddress } from './filter.ts';
import { count } from './format.ts';
import { showLink, showStats } from './status.ts';
import { installTheme } from './theme.ts';

let filter = readAddress();
let stats: Stats | undefined;
const text = byId<HTMLInputElement>('text');
const chart = new Chart();
const log = new EventLog((added) => {
  list.changed(added);
  showCount();
});
const list = new EventList(log, (number) => open(number), addHeader);
const detail = new EventDetail({
  filtered: addHeader,
  closed: () => open(undefined),
  address: (number) => addressOf({ ...filter, open: number }),
});

log.ontold = (event, data) => {
  if (event !== 'stats') return showLink(event === 'open');
  stats = JSON.parse(data ?? '') as Stats;
  showStats(stats);
  showFaults(stats);
  chart.show(stats);
  showCount();
};

function open(number: number | undefined): void {
  filter.open = number;
  writeAddress(filter);
  list.activate(number);
  if (number !== undefined) void detail.open(number);
  else if (detail.number !== undefined) {
    detail.close();
    byId('list').focus();
  }
}

function addHeader(name: string, value: string): void {
  if (filter.headers.some((one) => one.name === name && one.value === value)) return;
  change({ headers: [...filter.headers, { name, value }] });
  say(`Only events with ${name}=${value} are shown.`);
}

function change(changes: Partial<Filter>): void {
  filter = { ...filter, ...changes };
  writeAddress(filter);
  showFilter();
  byId('list').scrollTop = 0;
  void log.show(filterQuery(filter));
}

function showFilter(): void {
  if (text.value !== filter.text) text.value = filter.text;
  for (const box of byId('levels').querySelectorAll('button')) {
    box.setAttribute('aria-pressed', String(filter.levels.includes(box.dataset.level ?? '')));
  }
  const chips = filter.headers.map((header) => {
    const shown = `${header.name}=${header.value || 'any'}`;
    const remove = (): void => change({ headers: filter.headers.filter((other) => other !== header) });
    return button(`${shown} ✕`, remove, { class: 'chip', 'aria-label': `Remove the filter ${shown}` });
  });
  byId('chips').replaceChildren(...chips);
  const query = filterQuery(filter);
  byId('export').setAttribute('href', `api/export${query === '' ? '' : `?${query}`}`);
}

function showCount(): void {
  const kept = stats?.kept;
  const isFiltered = filterQuery(filter) !== '';
  const parts = [`${count(log.length)} ${isFiltered ? 'match' : log.length === 1 ? 'event' : 'events'}`];
  if (kept !== undefined && kept.letGo > 0) parts.push(`${count(kept.letGo)} let go`);
  if (log.isPaused) parts.push(`paused, ${count(log.heldBack)} more came`);
  byId('count').textContent = parts.join(' · ');
  const empty = byId('empty');
  empty.hidden = log.length > 0;
  if (log.length > 0) return;
  const address = stats === undefined ? 'this agent' : `${stats.agent.host}:${stats.agent.port}`;
  const hint = isFiltered ? 'No event matches.' : `Waiting for events at ${address}`;
  const how = element('p', { class: 'quiet' }, 'Log with winston-flume or pino-flume, any Flume client, or: ');
  how.append(element('code', {}, `echo hello | npx flume-send --agent ${address}`));
  if (empty.dataset.hint === hint) return;
  empty.dataset.hint = hint;
  empty.replaceChildren(element('p', { class: 'big' }, hint), ...(isFiltered ? [] : [how]));
}

function togglePause(): void {
  if (log.isPaused) log.resume();
  else log.pause();
  byId('pause').setAttribute('aria-pressed', String(log.isPaused));
  byId('pause').textContent = log.isPaused ? 'Resume' : 'Pause';
  say(log.isPaused ? 'The list is paused.' : 'The list goes on.');
  showCount();
}

for (const level of levels) {
  const toggle = (): void => {
    const others = filter.levels.filter((other) => other !== level);
    change({ levels: others.length < filter.levels.length ? others : [...others, level] });
  };
  byId('levels').append(button(level, toggle, { class: `level ${level}`, 'data-level': level }));
}
let typing: ReturnType<typeof setTimeout> | undefined;
text.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(() => change({ text: text.value }), 150);
});
byId('pause').addEventListener('click', togglePause);
byId('clear').addEventListener('click', () => {
  open(undefined);
  void clearEvents();
});
addEventListener('hashchange', () => {
  const { open: number, ...changes } = readAddress();
  change(changes);
  open(number);
});
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLInputElement && event.target.type === 'search';
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '/' && !isTyping) text.focus();
  else if (event.key === 'p' && !isTyping) togglePause();
  else if (event.key === 'Escape' && detail.number !== undefined) open(undefined);
  else return;
  event.preventDefault();
});
installTheme(() => stats && chart.draw());
installFaults();
showFilter();
showCount();
await log.show(filterQuery(filter));
if (filter.open !== undefined) {
  list.scrollTo(filter.open);
  open(filter.open);
}
