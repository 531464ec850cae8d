// Requests to the control API of an agent, and its stream of server-sent events.
import { once } from 'node:events';
import { request } from 'node:http';
import type { DevAgent } from '../../src/index.ts';

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  /** The text as JSON, where it is that. */
  readonly json: never;
}

export async function call(
  agent: DevAgent,
  line: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const [method = 'GET', path = '/'] = line.split(/ (.*)/s);
  // Not fetch(): it sets Host and refuses to set Sec-Fetch-Site.
  const sent = request({ port: agent.uiPort, host: '127.0.0.1', method, path, headers, agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const isJson = response.headers['content-type'] === 'application/json';
  return {
    status: response.statusCode,
    headers: response.headers,
    text,
    json: (isJson ? JSON.parse(text) : undefined) as never,
  };
}

export const postJson = (agent: DevAgent, path: string, value: unknown): Promise<Answer> => {
  return call(agent, `POST ${path}`, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });
};

export interface StreamMessage {
  readonly event: string;
  readonly data: never;
}

/** The messages of a stream, until the loop over them is left. */
export async function* stream(agent: DevAgent, path: string): AsyncGenerator<StreamMessage> {
  const sent = request({ port: agent.uiPort, host: '127.0.0.1', path, agent: false });
  sent.on('error', () => {});
  sent.end();
  // A test that waits in vain fails instead of hanging: the loop over the response throws.
  const patience = setTimeout(() => sent.destroy(), 10_000);
  try {
    const [response] = await once(sent, 'response');
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk;
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? [];
        if (event !== undefined) yield { event, data: JSON.parse(data ?? '') as never };
      }
    }
  } finally {
    clearTimeout(patience);
    sent.destroy();
  }
}
