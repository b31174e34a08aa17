import type { Server as HttpsServer } from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { MAX_PROXY_HEADER, readProxyHeader } from './proxy-header.ts';
import { toRemoteAddress } from './remote-address.ts';

/** Whether an address is a proxy's that says who its clients are. */
export type ProxyCheck = (address: string) => boolean;

/** A TCP server before an HTTPS server, and who the clients of its connections are. */
export interface ProxyFront {
  readonly server: Server;
  /** The address of a connection's client: what its proxy says, or else its own. Undefined once it has gone. */
  readonly clientAddress: (socket: TLSSocket) => string | undefined;
  /** Ends every connection at once. */
  readonly cut: () => void;
}

/**
 * Hands connections to an HTTPS server. One from a trusted proxy must begin with a PROXY header, so that there is nothing to guess; from
 * anybody else such a header is no TLS, and fails as that.
 */
export function createProxyFront(
  secure: HttpsServer,
  { isProxy, headerMs }: { readonly isProxy: ProxyCheck; readonly headerMs: number },
): ProxyFront {
  const connections = new Set<Socket>();
  const told = new Map<string, string>();
  const addresses = new WeakMap<TLSSocket, string>();
  // A TLS socket does not say which socket is below it, but they have the same two ends.
  secure.on('secureConnection', (socket: TLSSocket) => {
    const address = told.get(endsOf(socket)) ?? toRemoteAddress(socket.remoteAddress ?? '');
    if (address !== undefined) addresses.set(socket, address);
  });
  const server = createServer({ noDelay: true }, (socket) => {
    connections.add(socket);
    const ends = endsOf(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      connections.delete(socket);
      told.delete(ends);
    });
    const peer = toRemoteAddress(socket.remoteAddress ?? '');
    if (peer === undefined) socket.destroy();
    else if (isProxy(peer)) {
      awaitHeader(socket, headerMs, (clientAddress) => {
        if (clientAddress !== undefined) told.set(ends, clientAddress);
        secure.emit('connection', socket);
      });
    } else secure.emit('connection', socket);
  });
  return {
    server,
    clientAddress: (socket) => addresses.get(socket),
    cut: () => connections.forEach((socket) => socket.destroy()),
  };
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return JSON.stringify([remoteAddress, remotePort, localAddress, localPort]);
}

/** Takes the PROXY header off a connection; a connection without one is ended. */
function awaitHeader(
  socket: Socket,
  headerMs: number,
  onHeader: (clientAddress: string | undefined) => void,
): void {
  let bytes = Buffer.alloc(0);
  const deadline = setTimeout(() => socket.destroy(), headerMs);
  const read = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    bytes = Buffer.concat([bytes, chunk]);
    const header = readProxyHeader(bytes);
    if (header.kind === 'incomplete' && bytes.length <= MAX_PROXY_HEADER) return;
    clearTimeout(deadline);
    socket.off('readable', read);
    if (header.kind !== 'header') {
      socket.destroy();
      return;
    }
    if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
    onHeader(header.clientAddress);
  };
  socket.on('readable', read);
  socket.on('close', () => clearTimeout(deadline));
}
