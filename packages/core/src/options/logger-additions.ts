// Additions that loggers make to a transport's options by themselves. Nobody wrote them, so nobody is to be told of them.

/** By logger; frameworks add what their logger adds. */
export const loggerAdditions = {
  // `$context`: thread-stream, for every worker. `pinoWillSendConfig`: pino, for a single target, as the others.
  // `levels`: pino's customLevels, alone or with those that pino has; also those of pino-http, Fastify and nestjs-pino, which
  // hand their options to pino. `dedupe`: pino's option for several targets, given beside one.
  pino: ['$context', 'pinoWillSendConfig', 'levels', 'dedupe'],
  // winston, and with it express-winston and nest-winston, gives a transport the options of its user and no others.
  winston: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/**
 * The options without what a logger has added to them; an option of ours that has such a name stays.
 *
 * @param added names of `loggerAdditions`
 * @param known our options, by name
 */
export function withoutAdditions(options: unknown, added: readonly string[], known: object): unknown {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return options;
  const isAdded = (name: string): boolean => added.includes(name) && !Object.hasOwn(known, name);
  if (!Object.keys(options).some(isAdded)) return options;
  return Object.fromEntries(Object.entries(options).filter(([name]) => !isAdded(name)));
}

/** Additions to the options of an agent that somebody makes in a transport of their own: thread-stream's mark tells. */
export function additionsTo(options: unknown): readonly string[] {
  const isPino = typeof options === 'object' && options !== null && '$context' in options;
  return isPino ? loggerAdditions.pino : [];
}
