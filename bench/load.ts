import { connect, type TLSSocket } from 'node:tls';

/** What a closed-loop load over keep-alive TLS connections saw. Latencies are milliseconds. */
export interface LoadResult {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly answers: ReadonlyMap<string, number>;
}

export interface Load {
  readonly port: number;
  readonly ca: string;
  /** A client certificate with its key, PEM. */
  readonly client?: { readonly cert: string; readonly key: string };
  /** Absent: `/authenticate?timeout=30s`. */
  readonly path?: string;
  /** Bodies to post, in turn; each once where there are as many as requests. */
  readonly bodies: Bodies;
  readonly connections: number;
  readonly requests: number;
  /** Ends the load before all requests are made; absent: never. */
  readonly isOver?: () => boolean;
  /** Requests a second over all connections; absent: as fast as answers come. */
  readonly perSecond?: number;
  /** What an answer counts as. */
  readonly classify: (body: string) => string;
}

/** A list of bodies, or what makes them when they are wanted. */
export interface Bodies {
  readonly length: number;
  at(index: number): string | undefined;
}

/** Posts bodies over raw TLS sockets, which cost this side less than an HTTP client would. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const state = { next: 0, latencies: [] as number[], answers: new Map<string, number>() };
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load)));
  const start = performance.now();
  await Promise.all(sockets.map((socket) => drive(socket, load, { state, start })));
  const seconds = (performance.now() - start) / 1000;
  for (const socket of sockets) socket.destroy();
  const sorted = state.latencies.sort((a, b) => a - b);
  const quantile = (q: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
  return {
    perSecond: sorted.length / seconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
    answers: state.answers,
  };
}

interface Progress {
  readonly state: { next: number; latencies: number[]; answers: Map<string, number> };
  readonly start: number;
}

function open({ port, ca, client }: Load): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, ca, servername: 'localhost', ...client };
    const socket = connect(options, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}

async function drive(socket: TLSSocket, load: Load, { state, start }: Progress): Promise<void> {
  const read = reader(socket);
  while (state.next < load.requests && load.isOver?.() !== true) {
    const index = state.next;
    state.next += 1;
    const due = load.perSecond === undefined ? performance.now() : start + (index / load.perSecond) * 1000;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const body = load.bodies.at(index % load.bodies.length) ?? '';
    socket.write(
      `POST ${load.path ?? '/authenticate?timeout=30s'} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    const answer = await read();
    state.latencies.push(performance.now() - due);
    const kind = load.classify(answer);
    state.answers.set(kind, (state.answers.get(kind) ?? 0) + 1);
  }
}

/** Reads one HTTP/1.1 response body with a Content-Length at a time. */
function reader(socket: TLSSocket): () => Promise<string> {
  let buffered = '';
  let settle: ((body: string) => void) | undefined;
  let fail: ((error: Error) => void) | undefined;
  const flush = (): void => {
    const end = buffered.indexOf('\r\n\r\n');
    if (end < 0 || settle === undefined) return;
    const length = Number(/content-length: (\d+)/i.exec(buffered.slice(0, end))?.[1] ?? 0);
    const total = end + 4 + length;
    if (buffered.length < total) return;
    const body = buffered.slice(end + 4, total);
    buffered = buffered.slice(total);
    const resolve = settle;
    settle = undefined;
    resolve(body);
  };
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    buffered += chunk;
    flush();
  });
  const end = (error?: Error): void => fail?.(error ?? new Error('the server closed the connection'));
  socket.on('error', end);
  socket.on('close', () => end());
  return () =>
    new Promise((resolve, reject) => {
      settle = resolve;
      fail = reject;
      flush();
    });
}
