// Time zones by the names that Java takes: Europe/Paris, GMT+8, GMT-05:30; what it does not know is GMT.

/** How far the zone's clock is ahead of UTC at that time, in minutes; `zone` undefined is the zone of this machine. */
export function offsetMinutes(milliseconds: number, zone: string | undefined): number {
  if (zone === undefined) return -new Date(milliseconds).getTimezoneOffset();
  const [, sign, hours, minutes = '0'] = /^GMT([+-])(\d{1,2}):?(\d\d)?$/.exec(zone) ?? [];
  if (hours !== undefined) return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  const formatter = formatterOf(zone);
  if (formatter === undefined) return 0;
  const field = Object.fromEntries(
    formatter.formatToParts(milliseconds).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = field;
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  return Math.round((local - milliseconds) / 60_000);
}

/** A date whose UTC fields are what the zone's clock shows. */
export const localFields = (milliseconds: number, offset: number): Date => new Date(milliseconds + offset * 60_000);

/**
 * When the zone's clock shows the UTC fields of `local`. Where it shows them twice, since it is put back, Java takes the later
 * time; so does this.
 */
export function instantOf(local: Date, zone: string | undefined): number {
  const shown = local.getTime();
  const offsets = [offsetMinutes(shown - halfDayMs, zone), offsetMinutes(shown + halfDayMs, zone)].sort(
    (a, b) => a - b,
  );
  const instants = offsets.map((offset) => shown - offset * 60_000);
  return instants.find((instant, index) => offsetMinutes(instant, zone) === offsets[index]) ?? (instants[0] as number);
}

const halfDayMs = 43_200_000;

const formatters = new Map<string, Intl.DateTimeFormat | undefined>();

function formatterOf(timeZone: string): Intl.DateTimeFormat | undefined {
  if (formatters.has(timeZone)) return formatters.get(timeZone);
  let formatter: Intl.DateTimeFormat | undefined;
  try {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    // No such zone.
  }
  formatters.set(timeZone, formatter);
  return formatter;
}
