// What makes up an error, of which JSON keeps nothing by itself: as fields for a JSON line, as a stack for a text line.
// Enumerable fields are not among it: JSON has these, and those of a cause (an HTTP client's config, say) may hold secrets.

const maxDepth = 5;
const maxErrors = 20;

/** name, message, stack, code, cause and errors, each where the error has it; five causes deep at most. */
export function errorFields(error: Error, depth: number = 1): Record<string, unknown> {
  const { name, message, stack } = error;
  const fields: Record<string, unknown> = { name, message, stack };
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  if (typeof code === 'string' || typeof code === 'number') fields.code = code;
  const inner = (value: unknown, at: number): unknown => {
    if (!(value instanceof Error)) return value;
    return at <= maxDepth ? errorFields(value, at) : `${value.name}: ${value.message}`;
  };
  if (cause !== undefined) fields.cause = inner(cause, depth + 1);
  // Two levels at once, since lists of lists of errors grow fast.
  if (error instanceof AggregateError && Array.isArray(errors)) {
    fields.errors = errors.slice(0, maxErrors).map((value) => inner(value, depth + 2));
  }
  return fields;
}

/** The stack, and below it those of its causes, as Java and log4j print them. */
export function stackText(error: Error, depth: number = 1): string {
  const own = typeof error.stack === 'string' && error.stack !== '' ? error.stack : `${error.name}: ${error.message}`;
  if (depth >= maxDepth) return own;
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  const causes = cause instanceof Error ? [stackText(cause, depth + 1)] : [];
  const list = Array.isArray(errors) ? errors.slice(0, maxErrors).filter((value) => value instanceof Error) : [];
  return [own, ...causes, ...list.map((value) => stackText(value, depth + 2))].join('\nCaused by: ');
}
