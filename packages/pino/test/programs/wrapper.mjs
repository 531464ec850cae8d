// A transport of the user's own around pino-flume, which brings a function.
import pinoFlume from 'pino-flume';

export default (options) => pinoFlume({ ...options, map: ({ msg }) => ({ body: `wrapped ${msg}` }) });
