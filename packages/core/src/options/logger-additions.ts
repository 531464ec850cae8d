// What loggers put into a transport's options by themselves. Nobody wrote it, so nobody is to be told of it.

/** By logger; frameworks add what their logger adds. */
const additions = {
  // `$context`: thread-stream, for every target. `pinoWillSendConfig`: pino, for a single target, as the others.
  // `levels`: pino's customLevels, alone or with those that pino has; also those of pino-http, Fastify and nestjs-pino, which
  // hand their options to pino. `dedupe`: pino's option for several targets, given beside one.
  pino: ['$context', 'pinoWillSendConfig', 'levels', 'dedupe'],
  // winston, and with it express-winston and nest-winston, gives a transport the options of its user and no others.
  winston: [],
} as const;

const names: ReadonlySet<string> = new Set(Object.values(additions).flat());

/**
 * The options without what a logger has added to them; an option of ours that has such a name stays.
 *
 * @param known the names of our options
 */
export function withoutAdditions(options: unknown, known: object): unknown {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return options;
  if (!Object.keys(options).some((name) => names.has(name))) return options;
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.has(name) || Object.hasOwn(known, name)));
}
