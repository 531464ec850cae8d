// Ports for processes that must be told theirs beforehand, as a Flume agent in its configuration, and whether they listen.
import { once } from 'node:events';
import net from 'node:net';

/** Ports on 127.0.0.1 where nobody listens at this moment; another process may take them before the caller does. */
export async function freePorts(count: number): Promise<number[]> {
  // Held open together until all are known: else the same port could come twice.
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  for (const server of servers) server.close();
  await Promise.all(servers.map((server) => once(server, 'close')));
  return ports;
}

/** Somebody listens on this port of 127.0.0.1. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const settle = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
