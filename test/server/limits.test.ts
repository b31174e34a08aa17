import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import type { CallerVerdict } from '../../src/server/caller.ts';
import type { TlsSettings } from '../../src/server/tls-settings.ts';
import { authenticatorOf } from '../authenticators.ts';
import { type Identity, mintAuthority, mintClient } from '../pki.ts';
import { reviewOf, startWebhook, tokenOf, type Webhook, type WebhookParts } from './webhook.ts';

let authenticator: Authenticator;
let good: string;
let webhook: Webhook;
const sockets: TLSSocket[] = [];

beforeAll(async () => {
  const ca: Identity = await mintAuthority('my-ca');
  authenticator = authenticatorOf('- issuer: {name: my-ca}\n', ca.pem);
  good = reviewOf(tokenOf(await mintClient(ca)));
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await webhook.close();
});

async function start(parts: Partial<WebhookParts> = {}): Promise<void> {
  webhook = await startWebhook({ authenticator: () => authenticator, ...parts });
}

/** A raw connection, and everything that came over it. */
interface Line {
  readonly socket: TLSSocket;
  readonly received: () => string;
  /** Resolves when the server has ended the connection. */
  readonly ended: Promise<unknown>;
}

async function dial(options: ConnectionOptions = {}): Promise<Line> {
  const { port } = webhook.server.secureAddress;
  const socket: TLSSocket = connect({
    host: '127.0.0.1',
    port,
    ca: webhook.serving.pem,
    servername: 'localhost',
    ...({ allowHalfOpen: true } as object),
    ...options,
  });
  sockets.push(socket);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const ended = new Promise((resolve) => socket.once('close', resolve).once('end', resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('close', () => reject(new Error('refused')));
  });
  return { socket, received: () => text, ended };
}

const HEAD = 'POST /authenticate HTTP/1.1\r\nHost: localhost\r\n';

function post(body: string): string {
  return `${HEAD}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

async function isServing(): Promise<void> {
  const answer = await webhook.send(good);
  expect([answer.status, JSON.parse(answer.text).status.authenticated]).toEqual([200, true]);
}

describe('requests in flight', () => {
  it('over the limit get 503 without Retry-After, and there is room again when the others are done', async () => {
    const verdicts: ((verdict: CallerVerdict) => void)[] = [];
    const callers = (): Promise<CallerVerdict> => new Promise((resolve) => verdicts.push(resolve));
    await start({ limits: { inFlight: 3 }, callers });
    const first = Array.from({ length: 3 }, () => webhook.send(good));
    await eventually(() => expect(verdicts.length).toBe(3));
    const refused = await webhook.send(good);
    expect([refused.status, refused.headers['retry-after'], JSON.parse(refused.text)]).toEqual([
      503,
      undefined,
      expect.objectContaining({ kind: 'Status', code: 503, reason: 'ServiceUnavailable' }),
    ]);
    for (const admit of verdicts.splice(0)) admit({ kind: 'accepted' });
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200, 200]);
    const next = webhook.send(good);
    await eventually(() => expect(verdicts.length).toBe(1));
    verdicts[0]?.({ kind: 'accepted' });
    expect((await next).status).toBe(200);
    expect(await webhook.count('requests_rejected_total', { reason: 'in-flight' })).toBe(1);
  });

  it('are given back by those who leave in the middle of a body', async () => {
    await start({ limits: { inFlight: 2 } });
    for (let round = 0; round < 4; round += 1) {
      const lines = await Promise.all([dial(), dial()]);
      for (const { socket } of lines) socket.write(`${HEAD}Content-Length: 100\r\n\r\nhalf of`);
      await eventually(() => expect(webhook.endpoint.gate.places.used).toBe(2));
      expect((await webhook.send(good)).status).toBe(503);
      for (const { socket } of lines) socket.destroy();
      await eventually(() => expect(webhook.endpoint.gate.places.used).toBe(0));
    }
    await isServing();
  });
});

describe('buffered bytes', () => {
  it('over the limit get 503; ordinary bodies are never counted', async () => {
    await start({ limits: { bufferedBytes: 1024 * 1024 } });
    const big = reviewOf('x'.repeat(1024 * 1024 - 1024));
    const { socket } = await dial();
    socket.write(`${HEAD}Content-Length: ${big.length + 1}\r\n\r\n${big}`);
    await eventually(() => expect(webhook.endpoint.gate.bodies.used).toBeGreaterThan(900 * 1024));
    const refused = await webhook.send(big);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, undefined]);
    await isServing();
    socket.destroy();
    await eventually(() => expect(webhook.endpoint.gate.bodies.used).toBe(0));
    expect((await webhook.send(big)).status).toBe(200);
    expect(await webhook.count('requests_rejected_total', { reason: 'buffered-bytes' })).toBe(1);
  });

  it('stay bounded under 200 bodies of 4 MiB, which are each answered, and the connection is good for more', async () => {
    await start();
    const body = Buffer.alloc(4 * 1024 * 1024, 0x20);
    const codes = new Map<number, number>();
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, webhook.endpoint.gate.bodies.used)), 1);
    for (let batch = 0; batch < 10; batch += 1) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => webhook.send(body)));
      for (const { status } of answers) codes.set(status, (codes.get(status) ?? 0) + 1);
      await isServing();
    }
    clearInterval(watch);
    expect((codes.get(400) ?? 0) + (codes.get(503) ?? 0)).toBe(200);
    expect(codes.get(400)).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(32 * 1024 * 1024);
    expect([webhook.endpoint.gate.bodies.used, webhook.endpoint.gate.places.used]).toEqual([0, 0]);
  }, 60_000);

  it.each([
    ['announced', (size: number) => `Content-Length: ${size}\r\n\r\n`, ''],
    ['found out on the way', () => 'Transfer-Encoding: chunked\r\n\r\n', 'chunked'],
  ])(
    'of a body over 4 MiB, %s, are not kept: 413, and the next request on the connection is answered',
    async (_, headers, chunked) => {
      await start();
      const size = 5 * 1024 * 1024;
      const { socket, received } = await dial();
      socket.write(HEAD + headers(size));
      const payload = Buffer.alloc(size, 0x20);
      if (chunked === '') socket.write(payload);
      else
        socket.write(
          Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), payload, Buffer.from('\r\n0\r\n\r\n')]),
        );
      await eventually(() => expect(received()).toMatch(/^HTTP\/1\.1 413 /));
      socket.write(post(good));
      await eventually(() => expect(received()).toMatch(/HTTP\/1\.1 200 OK/));
    },
  );
});

describe('who is too slow', () => {
  const limits = { headersMs: 200, requestMs: 400, silenceMs: 600 };

  it.each([
    ['with its headers', HEAD],
    ['with its body', `${HEAD}Content-Length: 1000\r\n\r\n`],
  ])('%s is told so and cut off, while others are served', async (_, beginning) => {
    await start({ limits });
    const { socket, received, ended } = await dial();
    socket.write(beginning);
    const drip = setInterval(() => socket.write('x'), 50);
    await isServing();
    await ended;
    clearInterval(drip);
    expect(received()).toMatch(/^(?:HTTP\/1\.1 408 Request Timeout\r\n[^]*)?$/);
    await eventually(async () =>
      expect(await webhook.count('requests_rejected_total', { reason: 'timeout' })).toBe(1),
    );
    await eventually(() => expect(webhook.endpoint.gate.places.used).toBe(0));
    await isServing();
  });

  it('with its first request is waited for as with any other, and not longer for its headers', async () => {
    await start({ limits: { ...limits, keepAliveMs: 1500 } });
    const [never, late, slow] = await Promise.all([dial(), dial(), dial()]);
    await new Promise((resolve) => setTimeout(resolve, 4 * limits.headersMs));
    late.socket.write(post(good));
    await eventually(() => expect(late.received()).toMatch(/^HTTP\/1\.1 200 OK/));
    slow.socket.write(HEAD);
    await slow.ended;
    expect(slow.received()).toMatch(/^HTTP\/1\.1 408 /);
    await never.ended;
    expect(never.received()).toBe('');
    expect(await webhook.count('requests_rejected_total', { reason: 'timeout' })).toBe(1);
  });

  it('with the handshake is cut off', async () => {
    await start({ limits: { handshakeMs: 200 } });
    const { createConnection } = await import('node:net');
    const socket = createConnection(webhook.server.secureAddress.port, '127.0.0.1');
    await once(socket, 'close');
    await eventually(async () =>
      expect(await webhook.count('requests_rejected_total', { reason: 'handshake' })).toBe(1),
    );
    await isServing();
  });

  it('to read its answers is cut off', async () => {
    await start({ limits });
    const { socket, ended } = await dial();
    socket.pause();
    while (socket.writableLength < 1024 * 1024) socket.write(post('{}').repeat(1000));
    await new Promise((resolve) => setTimeout(resolve, 2 * limits.silenceMs));
    await isServing();
    socket.resume();
    expect(await ended.then(() => 'ended')).toBe('ended');
  });
});

describe('a client that closes its half of the connection', () => {
  it('after the request is still answered, and the connection ends', async () => {
    await start();
    const { socket, received, ended } = await dial();
    socket.end(post(good));
    await ended;
    expect(received()).toMatch(/^HTTP\/1\.1 200 OK[^]*"authenticated":true/);
  });

  it.each([
    ['headers', HEAD],
    ['a body', `${HEAD}Content-Length: 100\r\n\r\nhalf`],
    ['nothing', ''],
  ])('in the middle of %s leaves nothing behind', async (_, beginning) => {
    await start();
    const { socket, ended } = await dial();
    socket.end(beginning);
    await ended;
    await eventually(() => expect(webhook.endpoint.gate.places.used).toBe(0));
    await isServing();
    expect(await webhook.count('requests_rejected_total', { reason: 'malformed' })).toBe(0);
  });
});

describe('connections', () => {
  it('over the limit are dropped and counted, and the others are served', async () => {
    await start({ limits: { connections: 2 } });
    await isServing();
    const second = await dial();
    await expect(dial()).rejects.toThrow('refused');
    await eventually(async () =>
      expect(await webhook.count('requests_rejected_total', { reason: 'connections' })).toBe(1),
    );
    await isServing();
    second.socket.destroy();
  });

  it('are kept for longer than the 90 seconds that Go keeps them idle', async () => {
    await start();
    const answer = await webhook.send(good);
    expect(answer.headers['keep-alive']).toBe('timeout=120');
  });

  it('are given up by every answer while the server is closing', async () => {
    let isClosing = false;
    await start({ isClosing: () => isClosing });
    expect((await webhook.send(good)).headers['connection']).toBe('keep-alive');
    isClosing = true;
    expect((await webhook.send(good)).headers['connection']).toBe('close');
  });

  it.each([
    ['what is no HTTP', 'hello\r\n\r\n', 'malformed', /^HTTP\/1\.1 400 /],
    ['headers of over 16 KiB', `${HEAD}X: ${'x'.repeat(20_000)}\r\n\r\n`, 'malformed', /^HTTP\/1\.1 431 /],
    [
      'two lengths of one body',
      `${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      'malformed',
      /^HTTP\/1\.1 400 /,
    ],
  ])('with %s are ended and counted', async (_, text, reason, answer) => {
    await start();
    const { socket, received, ended } = await dial();
    socket.write(text);
    await ended;
    expect(received()).toMatch(answer);
    expect(await webhook.count('requests_rejected_total', { reason })).toBe(1);
    await isServing();
  });
});

describe('TLS', () => {
  const negotiate = async (options: ConnectionOptions): Promise<string> => {
    try {
      const { socket } = await dial(options);
      return `${socket.getProtocol()} ${socket.getCipher().standardName}`;
    } catch {
      return 'refused';
    }
  };
  it.each([
    ['1.3', {}, {}, 'TLSv1.3 TLS_AES_128_GCM_SHA256'],
    ['1.2 with AEAD', {}, { maxVersion: 'TLSv1.2' }, 'TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
    [
      'no CBC unless it is named',
      {},
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' },
      'refused',
    ],
    [
      'CBC where it is named',
      { cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA'] },
      { maxVersion: 'TLSv1.2' },
      'TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
    ],
    [
      '1.3 whatever suites are named for 1.2',
      { cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'] },
      {},
      'TLSv1.3 TLS_AES_128_GCM_SHA256',
    ],
    [
      'no other suite than those named',
      { cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'] },
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
      'refused',
    ],
    ['no 1.2 where 1.3 is the least', { minVersion: 'VersionTLS13' }, { maxVersion: 'TLSv1.2' }, 'refused'],
    [
      'no 1.1',
      {},
      { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      'refused',
    ],
  ])('offers %s', async (_, tls, client, expected) => {
    await start({ tls: tls as Partial<TlsSettings> });
    expect(await negotiate(client as ConnectionOptions)).toBe(expected);
  });

  it('resumes no session, and renegotiates none', async () => {
    await start();
    const first = await dial({ maxVersion: 'TLSv1.2' });
    const session = first.socket.getSession();
    const second = await dial({ maxVersion: 'TLSv1.2', session });
    expect(second.socket.isSessionReused()).toBe(false);
    const renegotiated = new Promise((resolve) =>
      first.socket.renegotiate({}, (error) => resolve(error === null ? 'renegotiated' : 'refused')),
    );
    expect(await Promise.race([renegotiated, first.ended.then(() => 'refused')])).toBe('refused');
  });
});
