// Medians and the like of a few numbers, rounded to what they are good for.

/** The middle one; of an even number the lower of both. NaN where there are none. */
export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** To so many significant digits. */
export const rounded = (number: number, digits = 3): number => Number(number.toPrecision(digits));
