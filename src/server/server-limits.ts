/** Bounds on what clients may take of the server. Times are milliseconds. */
export interface ServerLimits {
  /** Requests to `/authenticate` at a time. */
  readonly inFlight: number;
  /** Bytes of large bodies at a time. */
  readonly bufferedBytes: number;
  readonly connections: number;
  readonly handshakeMs: number;
  /** From a request's first byte to the end of its headers. */
  readonly headersMs: number;
  /** … and to the end of its body. */
  readonly requestMs: number;
  /** Without a byte either way while a request is under way. */
  readonly silenceMs: number;
  /** Before the first request and between requests. */
  readonly keepAliveMs: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  // kube-apiserver's own --max-requests-inflight.
  inFlight: 400,
  // Eight of the largest bodies; they are held about three times while they are parsed.
  bufferedBytes: 32 * 1024 * 1024,
  // Node has one file descriptor for each, and Go's client as many connections as requests at a time.
  connections: 1000,
  handshakeMs: 10_000,
  // kube-apiserver gives up after 30 s whatever we do, and sends a review in one go.
  headersMs: 10_000,
  requestMs: 20_000,
  silenceMs: 30_000,
  // Go's HTTP client keeps an idle connection for 90 s and does not retry the EOF of one that we closed first.
  keepAliveMs: 120_000,
};
