// Where an agent listens: a host and a port, or a Unix domain socket.

export type Endpoint =
  | { readonly tag: 'tcp'; readonly host: string; readonly port: number; readonly name: string }
  | { readonly tag: 'unix'; readonly path: string; readonly name: string };

export const defaultPort = 4141;

/** An endpoint as a user writes it: `'flume-1:4141'`, `'[::1]:4141'`, `{ host, port }` or `{ path }`. */
export type EndpointOption =
  | string
  | { readonly host: string; readonly port?: number | undefined }
  | { readonly path: string };

// sun_path has 108 bytes with the final zero on Linux, 104 on macOS; the smaller one holds everywhere.
const maxSocketPath = 103;

/** @throws Error saying what was expected, without the option's name */
export function parseEndpoint(option: EndpointOption): Endpoint {
  if (typeof option === 'string') return parseAddress(option);
  if (typeof option !== 'object' || option === null) throw unexpected(option);
  const { host, port, path, ...rest } = option as { host?: string; port?: number; path?: string };
  const [stray] = Object.keys(rest);
  if (stray !== undefined) throw new Error(`expected { host, port } or { path }, got the key ${stray}`);
  if (path !== undefined) {
    if (host !== undefined || port !== undefined) throw new Error('expected { host, port } or { path }, got both');
    return unixEndpoint(path);
  }
  if (host === undefined) throw unexpected(option);
  return tcpEndpoint(host, port ?? defaultPort);
}

function unexpected(option: unknown): Error {
  return new Error(`expected 'host:port', { host, port } or { path }, got ${JSON.stringify(option)}`);
}

function parseAddress(text: string): Endpoint {
  const match = /^(?:\[([^[\]]+)\]|([^:[\]\s/]+))(?::(\d+))?$/.exec(text);
  if (match === null) {
    throw new Error(`expected 'host:port' (an IPv6 address in brackets: '[::1]:4141'), got ${JSON.stringify(text)}`);
  }
  return tcpEndpoint((match[1] ?? match[2]) as string, match[3] === undefined ? defaultPort : Number(match[3]));
}

function tcpEndpoint(host: string, port: number): Endpoint {
  if (typeof host !== 'string' || host === '') throw new Error(`expected a host name, got ${JSON.stringify(host)}`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`expected a port of 1 to 65535, got ${port}`);
  return { tag: 'tcp', host, port, name: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}` };
}

function unixEndpoint(path: string): Endpoint {
  if (typeof path !== 'string' || path === '') throw new Error(`expected a socket's path, got ${JSON.stringify(path)}`);
  const bytes = Buffer.byteLength(path);
  if (bytes > maxSocketPath) {
    throw new Error(`expected a socket's path of at most ${maxSocketPath} bytes, got one of ${bytes}: ${path}`);
  }
  return { tag: 'unix', path, name: path };
}
