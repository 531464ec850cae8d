// The filter of what is shown: text, levels and headers, and the event that is open. It stands in the address, so that it
// can be sent to others.

export interface Filter {
  text: string;
  levels: string[];
  headers: { name: string; value: string }[];
  /** The number of the event that is open. */
  open: number | undefined;
}

export const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** As the control API takes it; '' is all. */
export function filterQuery({ text, levels, headers }: Filter): string {
  const query = new URLSearchParams();
  if (text !== '') query.set('text', text);
  for (const level of levels) query.append('level', level);
  for (const { name, value } of headers) query.append(`header.${name}`, value);
  return query.toString();
}

export function readAddress(): Filter {
  const query = new URLSearchParams(location.hash.slice(1));
  const open = Number(query.get('event') ?? Number.NaN);
  return {
    text: query.get('text') ?? '',
    levels: query.getAll('level').filter((level) => (levels as readonly string[]).includes(level)),
    headers: [...query]
      .filter(([key]) => key.startsWith('header.') && key.length > 7)
      .map(([key, value]) => ({ name: key.slice(7), value })),
    open: Number.isSafeInteger(open) ? open : undefined,
  };
}

/** The address of a filter and of an event. */
export function addressOf(filter: Filter): string {
  const event = filter.open === undefined ? '' : `event=${filter.open}`;
  const hash = [event, filterQuery(filter)].filter(Boolean).join('&');
  return hash === '' ? location.pathname : `#${hash}`;
}

export function writeAddress(filter: Filter): void {
  history.replaceState(null, '', addressOf(filter));
}
