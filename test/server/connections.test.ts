import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { mintServing } from '../pki.ts';
import { Connections } from '../../src/server/connections.ts';

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** A server whose answers are given when the test says so; clients keep their connections. */
async function serve(kind: 'http' | 'https') {
  const serving = await mintServing();
  const pending: (() => void)[] = [];
  const onRequest: Parameters<typeof createHttpServer>[1] = (_, response) => {
    pending.push(() => response.end('done'));
  };
  const options = { cert: serving.pem, key: serving.keyPem, keepAliveTimeout: 120_000 };
  const server =
    kind === 'http' ? createHttpServer(options, onRequest) : createHttpsServer(options, onRequest);
  const connections = new Connections(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dial = async (first = ''): Promise<{ readonly received: () => string }> => {
    const at = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    const socket =
      kind === 'http' ? connectTcp(at) : connectTls({ ...at, ca: serving.pem, servername: 'localhost' });
    sockets.push(socket);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once(kind === 'http' ? 'connect' : 'secureConnect', resolve));
    socket.write(first);
    return { received: () => text };
  };
  return { connections, dial, pending };
}

describe.each(['http', 'https'] as const)('an %s server that stops', (kind) => {
  it('ends what nobody waits on: connections never used, used before, and idle only later', async () => {
    const { connections, dial, pending } = await serve(kind);
    await dial();
    const before = await dial(GET);
    await eventually(() => expect(pending.length).toBe(1));
    pending[0]?.();
    await eventually(() => expect(before.received()).toMatch(/^HTTP\/1\.1 200 OK/));
    const during = await dial(GET);
    await eventually(() => expect(pending.length).toBe(2));
    let isStopped = false;
    const stopping = connections.stop().then(() => (isStopped = true));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(isStopped).toBe(false);
    pending[1]?.();
    await stopping;
    await eventually(() => expect(during.received()).toMatch(/done$/));
  });
});
