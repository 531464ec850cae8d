// The control API and the page, by HTTP: look at what came, script what is answered.
//
//   GET    /api/events?after=&before=&limit=&text=&level=&header.NAME=&preview=&only=numbers
//   GET    /api/events/NUMBER          one event         GET /api/events/NUMBER/body    its bytes
//   GET    /api/export?…               all that match, as lines of JSON
//   GET    /api/stats                  GET /api/stream?… server-sent events
//   GET    /api/script                 POST /api/script  what script() takes, as JSON
//   DELETE /api/events                 takes all out     DELETE /api/connections        resets all

import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { simpleJsonLine } from '../printer.ts';
import type { Controlled, ScriptView } from './control-view.ts';
import { scriptView, statsView } from './control-view.ts';
import { BadRequest, parseQuery } from './event-query.ts';
import type { RouteEvent } from './event-reader.ts';
import { EventReader } from './event-reader.ts';
import { EventStream } from './event-stream.ts';
import { refusal } from './gate.ts';
import { pageFile } from './page-files.ts';
import { scriptFromJson } from './script-json.ts';

export interface ControlOptions {
  readonly host: string;
  readonly port: number;
  readonly route: RouteEvent | undefined;
}

const mostScriptBytes = 1024 * 1024;

// Nothing of this page comes from elsewhere, and nothing that events contain is run, framed or sent anywhere.
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

export class ControlServer {
  readonly #options: ControlOptions;
  readonly #agent: Controlled;
  readonly #reader: EventReader;
  readonly #stream: EventStream;
  readonly #server: Server;

  constructor(options: ControlOptions, agent: Controlled) {
    this.#options = options;
    this.#agent = agent;
    this.#reader = new EventReader(agent.log, options.route);
    this.#stream = new EventStream(this.#reader, () => statsView(this.#agent));
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
    this.#server.maxConnections = 128;
  }

  /** Resolves with the port. */
  async listen(): Promise<number> {
    this.#server.listen(this.#options.port, this.#options.host);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when all connections are gone. */
  async close(): Promise<void> {
    this.#stream.close();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    try {
      const why = refusal(request, this.#options.host);
      if (why !== undefined) return json(response, 403, { error: why });
      const url = new URL(request.url ?? '/', 'http://localhost');
      const body = request.method === 'POST' ? await this.#readScript(request) : undefined;
      await this.#route(request.method ?? '', url, response, body);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else json(response, error instanceof BadRequest ? 400 : 500, { error: (error as Error).message });
    }
  }

  async #route(
    method: string,
    { pathname, searchParams }: URL,
    response: ServerResponse,
    body: unknown,
  ): Promise<void> {
    const [, number, rest] = /^\/api\/events\/(\d{1,15})(\/body)?$/.exec(pathname) ?? [];
    if (number !== undefined && method === 'GET')
      return this.#one(response, Number(number), rest !== undefined, searchParams);
    switch (`${method} ${pathname}`) {
      case 'GET /api/events':
        return this.#events(response, searchParams);
      case 'GET /api/export':
        return this.#export(response, searchParams);
      case 'GET /api/stats':
        return json(response, 200, statsView(this.#agent));
      case 'GET /api/stream':
        return this.#subscribe(response, searchParams);
      case 'GET /api/script':
        return json(response, 200, this.#script());
      case 'POST /api/script':
        return this.#setScript(response, body);
      case 'DELETE /api/events':
        return this.#clear(response);
      case 'DELETE /api/connections':
        this.#agent.dropConnections();
        return json(response, 200, {});
    }
    const file = method === 'GET' ? pageFile(pathname) : undefined;
    if (file === undefined) return json(response, 404, { error: `there is no ${method} ${pathname}` });
    response.writeHead(200, { 'content-type': file.type, 'content-length': file.content.length });
    response.end(file.content);
  }

  async #events(response: ServerResponse, parameters: URLSearchParams): Promise<void> {
    const query = parseQuery(parameters);
    if (!query.numbersOnly) return json(response, 200, await this.#reader.page(query));
    const numbers: number[] = [];
    for await (const number of this.#reader.numbers(query)) {
      if (numbers.length === query.limit) break;
      numbers.push(number);
    }
    const { first, next } = this.#agent.log;
    json(response, 200, { first, next, letGo: first - 1, numbers });
  }

  #one(response: ServerResponse, number: number, isBody: boolean, parameters: URLSearchParams): void {
    const event = this.#agent.log.at(number);
    if (event === undefined) return json(response, 404, { error: `event ${number} is gone, or has not come` });
    if (!isBody) return json(response, 200, this.#reader.view(number, parseQuery(parameters).preview));
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': event.body.length,
      'content-disposition': `attachment; filename="event-${number}"`,
    });
    response.end(event.body);
  }

  /** As flume-send --input simplejson takes it. */
  async #export(response: ServerResponse, parameters: URLSearchParams): Promise<void> {
    const query = parseQuery(parameters);
    response.writeHead(200, {
      'content-type': 'application/x-ndjson',
      'content-disposition': 'attachment; filename="events.jsonl"',
    });
    for await (const number of this.#reader.numbers(query)) {
      const event = this.#agent.log.at(number);
      if (event === undefined || response.write(simpleJsonLine(event))) continue;
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
      if (response.destroyed) return;
    }
    response.end();
  }

  #subscribe(response: ServerResponse, parameters: URLSearchParams): void {
    const query = parseQuery(parameters);
    response.setHeader('content-type', 'text/event-stream');
    if (!this.#stream.subscribe(response, query)) {
      json(response, 503, { error: 'too many streams are open' });
    }
  }

  #setScript(response: ServerResponse, body: unknown): void {
    try {
      this.#agent.script(scriptFromJson(body));
    } catch (error) {
      throw new BadRequest((error as Error).message);
    }
    this.#stream.tellStats();
    json(response, 200, this.#script());
  }

  #clear(response: ServerResponse): void {
    const { length } = this.#agent.drain();
    this.#stream.tellStats();
    json(response, 200, { removed: length });
  }

  async #readScript(request: IncomingMessage): Promise<unknown> {
    // No form of another page can send this type.
    if (request.headers['content-type']?.split(';')[0] !== 'application/json') {
      throw new BadRequest('Content-Type: expected application/json');
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostScriptBytes) throw new BadRequest(`the script is larger than ${mostScriptBytes} bytes`);
      chunks.push(chunk);
    }
    try {
      return JSON.parse(Buffer.concat(chunks).toString());
    } catch (error) {
      throw new BadRequest(`the script is no JSON: ${(error as Error).message}`);
    }
  }

  #script(): ScriptView {
    return scriptView(this.#agent.plan);
  }
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
