// Counts, sizes and ages in words.

export function countText(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 'B'];
  for (const next of ['KiB', 'MiB', 'GiB', 'TiB']) {
    if (value < 1024) break;
    [value, unit] = [value / 1024, next];
  }
  return `${unit === 'B' || value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}

export function ageText(ms: number): string {
  let [value, unit] = [Math.max(0, ms / 1_000), 's'];
  for (const [next, size] of [
    ['min', 60],
    ['h', 60],
    ['days', 24],
  ] as const) {
    if (value < 2 * size) break;
    [value, unit] = [value / size, next];
  }
  return `${Math.floor(value)} ${unit}`;
}
