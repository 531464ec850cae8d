// winston with what its users put around it: what arrives, headers and body.

import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import { arrivals, fields, only } from './arrivals.ts';

const host = hostname();

describe('winston', () => {
  it('child loggers: the fields of all, the name as header', async () => {
    const event = only(await arrivals('winston/child.mjs'));
    const { timestamp, ...headers } = event.headers;
    assert.match(timestamp ?? '', /^\d{13}$/);
    assert.deepEqual(headers, { host, level: 'info', logger: 'orders' });
    const expected = { level: 'info', message: 'placed', service: 'shop', logger: 'orders', requestId: 'r-2', id: 7 };
    assert.deepEqual(fields(event), expected);
  });
});
