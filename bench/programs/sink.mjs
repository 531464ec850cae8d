// A local sink in a process of its own: speaks just enough of a protocol to be believed, and throws everything away but a
// count. Prints its port; each line on stdin asks how many records have come since the last; ends when stdin does.
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { FlumeReplies } from './flume-replies.mjs';

const [kind, given = '{}'] = process.argv.slice(2);
const { counting = false, delayMs = 0, lifeMs, status = 0 } = JSON.parse(given);
/** Every record of the logger benchmarks has this text once. */
const mark = Buffer.from('request completed');
let records = 0;

/** Counts the marks in a stream of chunks, those across two chunks included. */
function counter() {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    const seam = Buffer.concat([rest, chunk.subarray(0, mark.length - 1)]);
    for (let at = seam.indexOf(mark); at !== -1; at = seam.indexOf(mark, at + 1)) records += 1;
    for (let at = chunk.indexOf(mark); at !== -1; at = chunk.indexOf(mark, at + 1)) records += 1;
    rest = Buffer.concat([rest, chunk]).subarray(-(mark.length - 1));
  };
}

function http(answer) {
  return createHttpServer((request, response) => {
    const count = counter();
    const before = records;
    request.on('data', count);
    request.on('end', () => answer(request, response, records - before));
  });
}

const sinks = {
  /** An answer to every call: so long after it came, where there is `delayMs`; on connections that live for `lifeMs`. */
  flume: () =>
    createServer({ noDelay: true }, (socket) => {
      const replies = new FlumeReplies(status);
      const count = counter();
      socket.on('data', (chunk) => {
        if (counting) count(chunk);
        const answer = replies.to(chunk);
        if (answer.length === 0) return;
        if (delayMs === 0) socket.write(answer);
        else setTimeout(() => socket.write(answer), delayMs);
      });
      socket.on('error', () => {});
      if (lifeMs !== undefined) setTimeout(() => socket.destroy(), lifeMs);
    }),
  /** Takes everything and never answers. */
  mute: () => createServer((socket) => socket.resume().on('error', () => {})),
  tcp: () =>
    createServer((socket) => {
      socket.on('data', counter());
      socket.on('error', () => {});
    }),
  loki: () => http((_request, response) => response.writeHead(204).end()),
  otlp: () => http((_request, response) => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()),
  http: () => http((_request, response) => response.writeHead(200).end('{}')),
  elasticsearch: () =>
    http((request, response, count) => {
      const head = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
      const body = request.url?.includes('_bulk')
        ? { took: 1, errors: false, items: Array.from({ length: count }, () => ({ index: { status: 201 } })) }
        : { version: { number: '9.0.0', build_flavor: 'default' }, tagline: 'You Know, for Search' };
      response.writeHead(200, head).end(JSON.stringify(body));
    }),
};

const server = sinks[kind]().listen(0, '127.0.0.1', () => console.log(server.address().port));
createInterface({ input: process.stdin })
  .on('line', () => {
    console.log(records);
    records = 0;
  })
  .on('close', () => process.exit());
