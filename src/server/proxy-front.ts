import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { toRemoteAddress } from '../authenticator/remote-address.ts';
import { MAX_PROXY_HEADER, readProxyHeader } from './proxy-header.ts';

/** Whether an address is a proxy's that says who its clients are. */
export type ProxyCheck = (address: string) => boolean;

/** What stands between the connections of an HTTPS server and their handshakes. */
export interface ProxyFront {
  /** The address of a connection's client: its own, or what its proxy says; undefined where a proxy does not say. */
  readonly clientAddress: (socket: TLSSocket) => string | undefined;
  /** Ends every connection at once, whatever it has come to. */
  readonly cut: () => void;
}

/** Who a proxy says that the client of its connection is. */
interface Told {
  readonly socket: Socket;
  readonly address: string;
}

/**
 * Holds back an HTTPS server's handshakes until it is known who the client is. A connection from a trusted proxy must begin with a PROXY header,
 * so that there is nothing to guess; from anybody else such a header is no TLS, and fails as that.
 */
export function standBefore(
  secure: HttpsServer,
  { isProxy, headerMs }: { readonly isProxy: ProxyCheck; readonly headerMs: number },
): ProxyFront {
  const connections = new Set<Socket>();
  const told = new Map<string, Told>();
  const addresses = new WeakMap<TLSSocket, string>();
  const [shakeHands, ...others] = secure.listeners('connection');
  if (shakeHands === undefined || others.length > 0)
    throw new Error('the HTTPS server is not as Node makes it');
  secure.removeAllListeners('connection');
  // A TLS socket does not say which socket is below it, but they have the same two ends.
  secure.prependListener('secureConnection', (socket: TLSSocket) => {
    const peer = toRemoteAddress(socket.remoteAddress ?? '');
    const address = peer !== undefined && isProxy(peer) ? told.get(endsOf(socket))?.address : peer;
    if (address !== undefined) addresses.set(socket, address);
  });
  secure.on('connection', (socket: Socket) => {
    connections.add(socket);
    const ends = endsOf(socket);
    // What was told of a connection before it between the same two ends.
    told.delete(ends);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      connections.delete(socket);
      // The same two ends may be another connection's by now.
      if (told.get(ends)?.socket === socket) told.delete(ends);
    });
    const peer = toRemoteAddress(socket.remoteAddress ?? '');
    if (peer === undefined) socket.destroy();
    else if (isProxy(peer)) {
      awaitHeader(socket, headerMs, (clientAddress) => {
        if (clientAddress !== undefined) told.set(ends, { socket, address: clientAddress });
        shakeHands.call(secure, socket);
      });
    } else shakeHands.call(secure, socket);
  });
  return {
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
