import type { Server as HttpServer } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';

/** How often, while a server stops, it is looked which connections nobody waits on any more. */
const LOOK_MS = 1000;

/**
 * The connections of a web server, for its end. Node ends those that are idle between requests, once; not those that were dialled and never
 * used, nor those that become idle later, and it looks after slow requests no more.
 */
export class Connections {
  readonly #server: HttpServer | HttpsServer;
  readonly #open = new Set<Socket>();

  constructor(server: HttpServer | HttpsServer) {
    this.#server = server;
    server.on(server instanceof HttpsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /** Takes no more connections, and resolves when the last answer under way is out. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      const looks = setInterval(() => this.#endIdle(), LOOK_MS);
      this.#server.close(() => {
        clearInterval(looks);
        resolve();
      });
      this.#server.closeIdleConnections();
    });
  }

  #endIdle(): void {
    this.#server.closeIdleConnections();
    for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy();
  }
}
