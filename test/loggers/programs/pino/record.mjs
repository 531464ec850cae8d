import { flumeLogger } from './logger.mjs';

const logger = flumeLogger({ nestedKey: 'payload', errorKey: 'failure', serializers: { when: String } });
logger.error(new Error('out', { cause: new Error('in') }), 'failed %s %d %j', 'a', 1, { b: 2 });
logger.info({ when: new Date(0), big: 12_345_678_901_234_567_890n, text: 'line\nline \u001b[31m' });
