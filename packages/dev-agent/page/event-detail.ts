// The one event that is looked at: headers, body in several forms, and where it would go.
import type { EventView } from './api.ts';
import { fetchBody, fetchEvent } from './api.ts';
import type { BodyForm } from './body-forms.ts';
import { bodyForms } from './body-forms.ts';
import { button, byId, element, say } from './dom.ts';
import { clock, count, date, size } from './format.ts';

export interface DetailListener {
  /** A click on a header. */
  filtered(name: string, value: string): void;
  closed(): void;
  /** The address of the event that is shown. */
  address(number: number): string;
}

export class EventDetail {
  readonly #panel = byId('detail');
  readonly #listener: DetailListener;
  #number: number | undefined;

  constructor(listener: DetailListener) {
    this.#listener = listener;
    this.#panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') listener.closed();
    });
  }

  get number(): number | undefined {
    return this.#number;
  }

  close(): void {
    this.#number = undefined;
    this.#panel.hidden = true;
    this.#panel.replaceChildren();
  }

  async open(number: number): Promise<void> {
    if (this.#number === number) return;
    this.#number = number;
    const [view, body] = await Promise.all([fetchEvent(number), fetchBody(number)]);
    if (this.#number !== number) return;
    this.#panel.hidden = false;
    if (view === undefined) {
      this.#panel.replaceChildren(this.#title(number), element('p', {}, 'This event is gone: only so many are kept.'));
      return;
    }
    const forms = await bodyForms(body);
    if (this.#number !== number) return;
    this.#panel.replaceChildren(
      this.#title(number, view.level),
      meta(view),
      this.#headers(view),
      bodySection(forms),
      ...routeSection(view),
      this.#tools(view, body),
    );
    this.#panel.scrollTop = 0;
  }

  #title(number: number, level?: string): HTMLElement {
    const badge = level === undefined ? [] : [element('span', { class: `level ${level}` }, level)];
    return element(
      'div',
      { class: 'detail-title' },
      element('h3', {}, `Event ${count(number)}`, ...badge),
      button('✕', () => this.#listener.closed(), { class: 'close', 'aria-label': 'Close the event' }),
    );
  }

  #headers({ headers }: EventView): HTMLElement {
    const names = Object.keys(headers);
    const chips = names.map((name) => {
      const value = headers[name] ?? '';
      const chip = button('', () => this.#listener.filtered(name, value), {
        class: 'chip',
        title: 'Show only events with this header',
      });
      chip.append(element('span', { class: 'name' }, name), element('span', { class: 'value' }, value || '(empty)'));
      return element('li', {}, chip);
    });
    return element(
      'section',
      {},
      element('h4', {}, `Headers (${count(names.length)})`),
      names.length === 0 ? element('p', { class: 'quiet' }, 'none') : element('ul', { class: 'header-list' }, ...chips),
    );
  }

  #tools(view: EventView, body: Uint8Array): HTMLElement {
    const { number } = view;
    return element(
      'div',
      { class: 'tools' },
      button('Copy as JSON line', () => void copy(jsonLine(view, body), 'The event')),
      button('Copy link', () => void copy(new URL(this.#listener.address(number), location.href).href, 'The link')),
      element(
        'a',
        { class: 'button', href: `api/events/${number}/body`, download: `event-${number}` },
        'Download body',
      ),
    );
  }
}

function meta({ atMs, connection, bytes }: EventView): HTMLElement {
  const arrived = `${date(atMs)} ${clock(atMs)}`;
  return element('p', { class: 'quiet' }, `arrived ${arrived} · connection ${connection} · body ${size(bytes)}`);
}

function bodySection(forms: readonly BodyForm[]): HTMLElement {
  const panel = element('div', { class: 'body-panel', role: 'tabpanel', id: 'body-panel', tabindex: 0 });
  const show = (index: number): void => {
    const form = forms[index] as BodyForm;
    tabs.forEach((tab, at) => {
      tab.setAttribute('aria-selected', String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', `form-${index}`);
    const note = form.note === undefined ? [] : [element('p', { class: 'quiet' }, form.note)];
    panel.replaceChildren(...note, element('pre', {}, ...form.content()));
  };
  const tabs = forms.map(({ name }, index) => {
    return button(name, () => show(index), { role: 'tab', id: `form-${index}`, 'aria-controls': 'body-panel' });
  });
  const list = element('div', { role: 'tablist', 'aria-label': 'The body as', class: 'tabs' }, ...tabs);
  list.addEventListener('keydown', ({ key }) => {
    const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
    const from = tabs.findIndex((tab) => tab === document.activeElement);
    if (step === 0 || from < 0) return;
    const to = (from + step + tabs.length) % tabs.length;
    show(to);
    tabs[to]?.focus();
  });
  show(0);
  return element('section', {}, element('div', { class: 'body-head' }, element('h4', {}, 'Body'), list), panel);
}

function routeSection({ route }: EventView): HTMLElement[] {
  if (route === undefined) return [];
  const channels = route.channels.map(({ channel, place: topic, optional, sinks }) => {
    const shown = sinks.map(({ sink, type, place, warning }) => {
      const kind = type.split('.').at(-1) ?? type;
      const parts = [element('b', {}, sink), ` ${kind}`];
      if (place !== undefined) parts.push(' → ', element('code', {}, place));
      if (warning !== undefined) parts.push(element('p', { class: 'warning' }, `⚠ ${warning}`));
      return element('li', {}, ...parts);
    });
    const isDeadEnd = sinks.length === 0 && topic === undefined;
    const ends = isDeadEnd ? [element('li', { class: 'warning' }, '⚠ no sink takes from it')] : shown;
    return element(
      'li',
      {},
      element('b', {}, channel),
      ...(topic === undefined ? [] : [' → ', element('code', {}, topic)]),
      optional ? ' (optional)' : '',
      sinks.length > 1 ? ', one of these sinks:' : '',
      element('ul', {}, ...ends),
    );
  });
  const one = route.oneOf ? ', into one of these channels' : '';
  return [
    element(
      'section',
      { class: 'route' },
      element('h4', {}, 'Where would it go?'),
      element('p', { class: 'quiet' }, `through the source ${route.source}${one}`),
      element('ul', {}, ...channels),
      ...route.notes.map((note) => element('p', { class: 'warning' }, `⚠ ${note}`)),
    ),
  ];
}

/** As --output json prints it. */
function jsonLine({ headers }: EventView, body: Uint8Array): string {
  try {
    return JSON.stringify({ headers, body: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body) });
  } catch {
    let letters = '';
    for (const byte of body) letters += String.fromCharCode(byte);
    return JSON.stringify({ headers, bodyBase64: btoa(letters) });
  }
}

async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} was copied.`);
  } catch {
    say('The browser does not allow to copy.');
  }
}
