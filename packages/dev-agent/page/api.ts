// The control API of the agent, as the page uses it.
import type { EventPage, EventView, StatsView, StreamedEvents } from 'flume-dev-agent';

export type { EventView, StatsView as Stats, StreamedEvents };

/** Of bodies in the list; all of a body is fetched for the one event that is looked at. */
export const previewCharacters = 600;

/** The events that match, from `before` downwards. */
export async function fetchEvents(filter: string, before: number, limit: number): Promise<readonly EventView[]> {
  const address = `api/events?before=${before}&limit=${limit}&preview=${previewCharacters}&${filter}`;
  return ((await get(address)) as EventPage).events;
}

/** The numbers of all that match, and where the log stands. */
export async function fetchNumbers(filter: string): Promise<{ first: number; next: number; numbers: number[] }> {
  const limit = filter === '' ? 0 : 100_000;
  return (await get(`api/events?only=numbers&limit=${limit}&${filter}`)) as never;
}

/** undefined where it is gone. */
export async function fetchEvent(number: number): Promise<EventView | undefined> {
  const response = await fetch(`api/events/${number}?preview=1`);
  return response.ok ? ((await response.json()) as EventView) : undefined;
}

export async function fetchBody(number: number): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`api/events/${number}/body`);
  return new Uint8Array(await response.arrayBuffer());
}

export async function setScript(steps: readonly unknown[]): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch('api/script', { method: 'POST', headers, body: JSON.stringify(steps) });
  if (!response.ok) throw new Error(((await response.json()) as { error: string }).error);
}

export async function clearEvents(): Promise<void> {
  await fetch('api/events', { method: 'DELETE' });
}

async function get(address: string): Promise<unknown> {
  const response = await fetch(address);
  const value: unknown = await response.json();
  if (!response.ok) throw new Error((value as { error: string }).error);
  return value;
}
