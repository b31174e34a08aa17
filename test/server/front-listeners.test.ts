import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SessionKey } from '../../src/credential/session-key.ts';
import { createMetrics, type Metrics } from '../../src/server/metrics.ts';
import { authenticatorOf } from '../authenticators.ts';
import { eventually } from '../eventually.ts';
import { type Identity, mintAuthority, mintClient, mintServing } from '../pki.ts';
import {
  ask,
  type DoorParts,
  type FrontDoor,
  holding,
  mintSessionKey,
  openExchange,
  openTerminator,
  type ServiceParts,
  sessionService,
  tlsOf,
} from './front-door.ts';

let ca: Identity;
let alice: Identity;
let terminatorCa: Identity;
let nginx: Identity;
let key: SessionKey;
let door: FrontDoor;
let metrics: Metrics;
const sockets: Socket[] = [];

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca);
  terminatorCa = await mintAuthority('terminators');
  nginx = await mintClient(terminatorCa, { subject: [{ CN: 'nginx' }] });
  key = await mintSessionKey();
});
beforeEach(() => {
  metrics = createMetrics();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await door.close();
});

/** A listener, and a request that it answers with 200. */
interface Kind {
  readonly open: (parts?: DoorParts) => Promise<FrontDoor>;
  readonly holder: () => Identity;
  readonly head: () => string;
}

const service = (parts: Pick<ServiceParts, 'lines' | 'logging'> = {}) => {
  const authenticator = authenticatorOf('- issuer: {name: my-ca}\n', ca.pem);
  return sessionService({ authenticator: () => authenticator, keys: () => [key], metrics, ...parts });
};

const KINDS: Readonly<Record<'exchange' | 'terminator', Kind>> = {
  exchange: {
    open: (parts = {}) => openExchange(service(), { metrics, ...parts }),
    holder: () => alice,
    head: () => 'POST /exchange HTTP/1.1\r\nHost: localhost\r\n',
  },
  terminator: {
    open: (parts = {}) =>
      openTerminator(service(), {
        ca: terminatorCa,
        allowedNames: ['nginx'],
        headers: { form: 'nginx' },
        metrics,
        ...parts,
      }),
    holder: () => nginx,
    head: () =>
      `POST /auth HTTP/1.1\r\nHost: localhost\r\nssl-client-cert: ${encodeURIComponent(alice.pem)}\r\n`,
  },
};

const EVERY = Object.keys(KINDS) as (keyof typeof KINDS)[];

/** A raw connection, and everything that came over it. */
interface Line {
  readonly socket: TLSSocket;
  readonly received: () => string;
  /** Resolves when the server has ended the connection. */
  readonly ended: Promise<unknown>;
}

async function dial(kind: keyof typeof KINDS, ca = door.serving.pem): Promise<Line> {
  const { port } = door.listener.address;
  const socket: TLSSocket = connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca,
    ...holderOf(kind),
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

const holderOf = (kind: keyof typeof KINDS): object => holding(KINDS[kind].holder());

const whole = (kind: keyof typeof KINDS): string => `${KINDS[kind].head()}Content-Length: 0\r\n\r\n`;

/** A request of its own connection is answered with 200. */
async function isServing(kind: keyof typeof KINDS): Promise<void> {
  const { socket, received } = await dial(kind);
  socket.write(whole(kind));
  await eventually(() => expect(received()).toMatch(/^HTTP\/1\.1 200 /));
  socket.destroy();
}

async function countOf(name: string, label: Readonly<Record<string, string>>): Promise<number> {
  const metric = await metrics.registry.getSingleMetric(`kube_x509_authn_${name}`)?.get();
  const isMeant = ({ labels }: { labels: object }): boolean =>
    Object.entries(label).every(([key, value]) => (labels as Record<string, unknown>)[key] === value);
  return metric?.values.find(isMeant)?.value ?? 0;
}

describe.each(EVERY)('the %s listener', (kind) => {
  const start = async (parts: DoorParts = {}): Promise<void> => {
    door = await KINDS[kind].open(parts);
  };

  it('serves new connections with a new certificate, and the old ones go on', async () => {
    await start();
    const before = await dial(kind);
    const renewed = await mintServing();
    door.listener.setTls(tlsOf(renewed));
    const after = await dial(kind, renewed.pem);
    for (const { socket, received } of [before, after]) {
      socket.write(whole(kind));
      await eventually(() => expect(received()).toMatch(/^HTTP\/1\.1 200 /));
    }
    await expect(dial(kind)).rejects.toThrow('refused');
  });

  it('keeps its certificate where the new one is unusable', async () => {
    await start();
    expect(() => door.listener.setTls({ cert: 'x', key: 'y' })).toThrow(/PEM|start line/);
    await isServing(kind);
  });

  it('drains: idle connections end at once, answers under way go out and end theirs, and nobody else gets in', async () => {
    let closing = false;
    await start({ isClosing: () => closing });
    const idle = await dial(kind);
    idle.socket.write(whole(kind));
    await eventually(() => expect(idle.received()).toMatch(/^HTTP\/1\.1 200 /));
    const busy = await dial(kind);
    // The answer to the first says that the second has begun.
    busy.socket.write(whole(kind) + whole(kind).slice(0, -2));
    await eventually(() => expect(busy.received()).toMatch(/^HTTP\/1\.1 200 /));
    closing = true;
    const closed = door.listener.close();
    await idle.ended;
    await expect(dial(kind)).rejects.toThrow('refused');
    busy.socket.write('\r\n');
    await busy.ended;
    expect(busy.received()).toMatch(/ 200 [^]* 200 [^]*\r\nConnection: close\r\n/);
    await closed;
  });

  it('ends every connection at once when it is cut', async () => {
    await start();
    const { socket, received, ended } = await dial(kind);
    const silent = connectTcp(door.listener.address.port, '127.0.0.1');
    sockets.push(silent);
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    socket.write(whole(kind).slice(0, -2));
    door.listener.cut();
    await ended;
    expect(received()).toBe('');
  });

  const limits = { headersMs: 200, requestMs: 400, silenceMs: 600 };

  it('cuts off who is too slow with its headers', async () => {
    await start({ limits });
    const { socket, received, ended } = await dial(kind);
    socket.write(KINDS[kind].head());
    const drip = setInterval(() => socket.write('x'), 50);
    await ended;
    clearInterval(drip);
    expect(received()).toMatch(/^(?:HTTP\/1\.1 408 Request Timeout\r\n[^]*)?$/);
    await eventually(async () =>
      expect(await countOf('requests_rejected_total', { reason: 'timeout' })).toBe(1),
    );
    await isServing(kind);
  });

  it('keeps a connection on which nothing is asked as long as an idle one', async () => {
    await start({ limits: { ...limits, keepAliveMs: 100 } });
    const { received, ended } = await dial(kind);
    await ended;
    expect(received()).toBe('');
    expect(await countOf('requests_rejected_total', { reason: 'timeout' })).toBe(0);
    await isServing(kind);
  });

  it('cuts off who does not shake hands', async () => {
    await start({ limits: { handshakeMs: 200 } });
    const socket = connectTcp(door.listener.address.port, '127.0.0.1');
    await once(socket, 'close');
    await eventually(async () =>
      expect(await countOf('requests_rejected_total', { reason: 'handshake' })).toBe(1),
    );
    await isServing(kind);
  });

  it('takes so many connections, and counts who is dropped', async () => {
    await start({ limits: { connections: 2 } });
    const first = await dial(kind);
    await dial(kind);
    await expect(dial(kind)).rejects.toThrow('refused');
    expect(await countOf('requests_rejected_total', { reason: 'connections' })).toBe(1);
    first.socket.destroy();
    await eventually(() => isServing(kind));
  });

  it('answers so many requests at a time: 503 without Retry-After, and room again after that', async () => {
    await start({ limits: { inFlight: 1 } });
    const { socket, received } = await dial(kind);
    socket.write(whole(kind).repeat(2));
    await eventually(() => expect(received()).toMatch(/HTTP\/1\.1 200 [^]*HTTP\/1\.1 503 /));
    expect(received()).not.toMatch(/retry-after/i);
    expect(await countOf('requests_rejected_total', { reason: 'in-flight' })).toBe(1);
    await isServing(kind);
  });
});

describe('the exchange', () => {
  it('ends a connection whose body is too slow, and gives its place back', async () => {
    door = await KINDS.exchange.open({
      limits: { headersMs: 200, requestMs: 400, silenceMs: 600, inFlight: 1 },
    });
    const { socket, ended } = await dial('exchange');
    socket.write(`${KINDS.exchange.head()}Content-Length: 1000\r\n\r\n`);
    const drip = setInterval(() => socket.write('x'), 50);
    await ended;
    clearInterval(drip);
    expect(await countOf('requests_rejected_total', { reason: 'timeout' })).toBe(1);
    await eventually(() => isServing('exchange'));
  });

  it('ends a connection of a trusted proxy that does not say for whom it is', async () => {
    door = await KINDS.exchange.open({ isProxy: () => true, limits: { handshakeMs: 200 } });
    const socket = connectTcp(door.listener.address.port, '127.0.0.1');
    socket.write('PROXY ');
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });
});

describe('who is no terminator', () => {
  it('is counted by the code of the refusal', async () => {
    door = await KINDS.terminator.open();
    const stranger = await mintClient(terminatorCa, { subject: [{ CN: 'somebody' }] });
    for (const options of [{}, holding(alice), holding(stranger)])
      expect(await ask(door, { path: '/auth', ...options })).toMatchObject({ status: 403 });
    for (const code of ['caller/no-certificate', 'caller/untrusted-certificate', 'caller/name-not-allowed'])
      expect([code, await countOf('caller_refusals_total', { code })]).toEqual([code, 1]);
  });

  it.each([
    ['shown', ['somebody']],
    ['left-out', undefined],
  ] as const)('is named in the log where identities are %s', async (identities, names) => {
    const lines: string[] = [];
    const terminator = { ca: terminatorCa, allowedNames: ['nginx'], headers: { form: 'nginx' } } as const;
    door = await openTerminator(service({ lines, logging: { identities } }), { ...terminator, metrics });
    const stranger = await mintClient(terminatorCa, { subject: [{ CN: 'somebody' }] });
    await ask(door, { path: '/auth', ...holding(stranger) });
    const told = lines.map((line) => JSON.parse(line));
    expect(told.map(({ code, names }) => [code, names])).toEqual([['caller/name-not-allowed', names]]);
  });
});
