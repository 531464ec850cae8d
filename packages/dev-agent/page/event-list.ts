// The list of events: as many rows as fit on the screen, however many events there are.
import type { EventView } from './api.ts';
import { byId, element } from './dom.ts';
import type { EventLog } from './event-log.ts';
import { clock, count } from './format.ts';

const spareRows = 6;
const chipsInRow = 3;
/** Headers that the row shows elsewhere, or that are the same in each. */
const plainHeaders = new Set(['timestamp', 'level', 'host', 'pid', 'id', 'timeStamp', 'guId']);

export class EventList {
  readonly #log: EventLog;
  readonly #list = byId('list');
  readonly #rows = byId('rows');
  readonly #newest = byId('newest');
  readonly #shown = new Map<number, { row: HTMLElement; view: EventView | undefined }>();
  #active: number | undefined;
  #isDrawing = false;

  /** @param opened is called with the event that is to be looked at */
  constructor(log: EventLog, opened: (number: number) => void, filtered: (name: string, value: string) => void) {
    this.#log = log;
    this.#list.addEventListener('scroll', () => this.draw());
    this.#list.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && this.#active !== undefined) opened(this.#active);
      else if (this.#move(event.key)) opened(this.#active ?? 0);
      else return;
      event.preventDefault();
    });
    this.#list.addEventListener('click', ({ target }) => {
      const chip = (target as Element).closest<HTMLElement>('[data-header]');
      const row = (target as Element).closest<HTMLElement>('[data-number]');
      if (chip !== null) return filtered(chip.dataset.header ?? '', chip.dataset.value ?? '');
      if (row !== null) opened(Number(row.dataset.number));
    });
    this.#newest.addEventListener('click', () => {
      this.#list.scrollTop = 0;
      this.#list.focus();
    });
    new ResizeObserver(() => this.draw()).observe(this.#list);
  }

  get active(): number | undefined {
    return this.#active;
  }

  /** undefined where none is. */
  activate(number: number | undefined): void {
    this.#active = number;
    this.draw();
  }

  /** Keeps what is looked at in its place where events came above it. */
  changed(added: number): void {
    if (this.#list.scrollTop > 0 && added > 0) this.#list.scrollTop += added * this.#rowHeight;
    this.draw();
  }

  scrollTo(number: number): void {
    const row = this.#log.rowOf(number);
    if (row < 0) return;
    const top = row * this.#rowHeight;
    const { scrollTop, clientHeight } = this.#list;
    if (top < scrollTop) this.#list.scrollTop = top;
    else if (top + this.#rowHeight > scrollTop + clientHeight)
      this.#list.scrollTop = top + this.#rowHeight - clientHeight;
  }

  /** Soon, and once for however many calls. */
  draw(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      this.#draw();
    });
  }

  get #rowHeight(): number {
    return matchMedia('(max-width: 46rem)').matches ? 52 : 30;
  }

  #move(key: string): boolean {
    const page = Math.max(1, Math.floor(this.#list.clientHeight / this.#rowHeight) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[key];
    if (step === undefined || this.#log.length === 0) return false;
    const from = this.#active === undefined ? -1 : this.#log.rowOf(this.#active);
    const row = Math.min(this.#log.length - 1, Math.max(0, from + step));
    this.#active = this.#log.numberAt(row);
    this.scrollTo(this.#active);
    this.draw();
    return true;
  }

  #draw(): void {
    const { length } = this.#log;
    this.#list.hidden = length === 0;
    const height = this.#rowHeight;
    this.#rows.style.height = `${length * height}px`;
    const from = Math.max(0, Math.floor(this.#list.scrollTop / height) - spareRows);
    const to = Math.min(length, Math.ceil((this.#list.scrollTop + this.#list.clientHeight) / height) + spareRows);
    this.#newest.hidden = this.#list.scrollTop < height;
    const numbers: number[] = [];
    for (let row = from; row < to; row++) numbers.push(this.#log.numberAt(row));
    const visible = new Set(numbers);
    for (const [number, { row }] of this.#shown) {
      if (visible.has(number)) continue;
      row.remove();
      this.#shown.delete(number);
    }
    numbers.forEach((number, place) => this.#drawRow(number, place, from + place, length));
    const active = this.#active !== undefined && visible.has(this.#active) ? `event-${this.#active}` : undefined;
    if (active === undefined) this.#list.removeAttribute('aria-activedescendant');
    else this.#list.setAttribute('aria-activedescendant', active);
    this.#log.want(numbers);
  }

  #drawRow(number: number, place: number, index: number, length: number): void {
    const view = this.#log.view(number);
    let shown = this.#shown.get(number);
    if (shown === undefined || shown.view !== view) {
      shown?.row.remove();
      shown = { row: rowOf(number, view), view };
      this.#shown.set(number, shown);
    }
    const { row } = shown;
    // In the order in which they are seen, since they are read in it too.
    if (this.#rows.children[place] !== row) this.#rows.insertBefore(row, this.#rows.children[place] ?? null);
    row.style.transform = `translateY(${index * this.#rowHeight}px)`;
    row.setAttribute('aria-posinset', String(index + 1));
    row.setAttribute('aria-setsize', String(length));
    row.setAttribute('aria-selected', String(number === this.#active));
  }
}

function rowOf(number: number, view: EventView | undefined): HTMLElement {
  const row = element('div', { id: `event-${number}`, class: 'row', role: 'option', 'data-number': number });
  if (view === undefined) {
    row.append(element('span', { class: 'time' }, `#${count(number)}`));
    return row;
  }
  const { level, headers } = view;
  if (level !== undefined) row.classList.add(`is-${level}`);
  row.append(
    element('span', { class: 'time' }, clock(view.atMs)),
    element('span', { class: `level ${level ?? 'none'}` }, level ?? '·'),
    element('span', { class: 'body' }, ...firstLine(view)),
  );
  const chips = Object.entries(headers).filter(([name]) => !plainHeaders.has(name));
  const warns = warningsOf(view) > 0;
  if (warns) row.append(element('span', { class: 'mark', title: 'Where would it go? There is a warning.' }, '⚠ route'));
  for (const [name, value] of chips.slice(0, chipsInRow)) {
    const title = `Show only ${name}=${value}`;
    row.append(
      element('span', { class: 'chip', title, 'data-header': name, 'data-value': value }, `${name}=${cut(value)}`),
    );
  }
  if (chips.length > chipsInRow) row.append(element('span', { class: 'more' }, `+${chips.length - chipsInRow}`));
  return row;
}

export const warningsOf = ({ route }: EventView): number => {
  return (route?.channels ?? []).flatMap(({ sinks }) => sinks).filter(({ warning }) => warning !== undefined).length;
};

const cut = (value: string): string => (value.length > 24 ? `${value.slice(0, 23)}…` : value);

/** Of JSON the message, where there is one: that is what one looks for in a list. */
function firstLine({ body, bodyBase64 = '', bytes }: EventView): (Node | string)[] {
  if (body === undefined) {
    const isGzip = bodyBase64.startsWith('H4s');
    return [element('i', {}, isGzip ? `gzip, ${count(bytes)} bytes` : `${count(bytes)} bytes, no text`)];
  }
  const text = body.startsWith('{') ? messageOf(body) : undefined;
  if (text === undefined) return [body === '' ? element('i', {}, 'empty') : body];
  return [text, element('span', { class: 'rest' }, ` ${body}`)];
}

/** pino's msg, or winston's message; of a text that was cut the first that can be found. */
function messageOf(json: string): string | undefined {
  try {
    const { msg, message } = JSON.parse(json) as Record<string, unknown>;
    return typeof msg === 'string' ? msg : typeof message === 'string' ? message : undefined;
  } catch {
    const [, found] = /"(?:msg|message)"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(json) ?? [];
    return found?.slice(1, -1);
  }
}
