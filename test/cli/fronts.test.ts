import type { AddressInfo } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { generateKey } from '../../src/x509/signing-key.ts';
import { eventually } from '../eventually.ts';
import { DAY, HOUR, type Identity, mintAuthority, mintClient, mintServing } from '../pki.ts';
import { ask as askDoor, type Answered, holding } from '../server/front-door.ts';
import {
  flagsOf,
  openWorkplace,
  review,
  type Reviewed,
  type Serving,
  startServe,
  type Workplace,
} from './serving.ts';

let place: Workplace;
let terminators: Identity;
const started: Serving[] = [];

beforeAll(async () => {
  place = await openWorkplace();
  terminators = await mintTerminators();
  place.write('terminators.pem', terminators.pem);
  await writeKey('session.key');
});
afterEach(async () => {
  for (const { process, ended } of started.splice(0)) {
    process.kill('SIGKILL');
    await ended;
  }
});
afterAll(() => place.remove());

const mintTerminators = (): Promise<Identity> =>
  mintAuthority('terminators', { notBefore: Date.now() - HOUR, notAfter: Date.now() + DAY });
const mintNginx = (ca: Identity): Promise<Identity> => mintClient(ca, { subject: [{ CN: 'nginx' }] });

async function writeKey(name: string): Promise<string> {
  const { privateKey } = await generateKey('P-256');
  return place.write(name, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
}

/** Both fronts, with the session key of the workplace. */
async function start(...more: readonly string[]): Promise<Serving> {
  const flags = {
    'session-signing-key-file': place.path('session.key'),
    'exchange-bind-address': '127.0.0.1:0',
    'terminator-bind-address': '127.0.0.1:0',
    'terminator-ca-file': place.path('terminators.pem'),
    'terminator-allowed-names': 'nginx',
    'terminator-certificate-header': 'nginx',
  };
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const serving = await startServe([...flagsOf(place), ...args, ...more]);
  started.push(serving);
  return serving;
}

type Front = 'exchange' | 'terminator';

function portOf({ entries }: Serving, front: Front): number {
  const line = entries.find(({ msg }) => msg === 'serving') as unknown as Record<Front, AddressInfo>;
  return line[front].port;
}

/** Asks a front for a session of alice's, over a connection of its own. */
function ask(
  serving: Serving,
  front: Front,
  { client = place.alice, ca = place.serving } = {},
): Promise<Answered> {
  const door = {
    listener: { address: { port: portOf(serving, front) } },
    serving: ca,
  } as Parameters<typeof askDoor>[0];
  const options =
    front === 'exchange'
      ? { method: 'POST', path: '/exchange' }
      : { path: '/auth', headers: { 'ssl-client-cert': encodeURIComponent(place.alice.pem) } };
  return askDoor(door, { ...options, ...holding(client) });
}

async function exchange(serving: Serving): Promise<string> {
  const { status, body } = await ask(serving, 'exchange');
  expect(status).toBe(200);
  return body.access_token;
}

async function judge(serving: Serving, token: string): Promise<Reviewed['status']> {
  const body = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: { token } };
  return (await review(JSON.stringify(body), { port: serving.port, ca: place.serving.pem })).status;
}

const reloaded = (serving: Serving, source: string, msg = /^reloaded/): Promise<void> =>
  eventually(() =>
    expect(serving.entries.some((entry) => entry['source'] === source && msg.test(entry.msg))).toBe(true),
  );

describe('a new serving certificate', () => {
  it('is served on both fronts', async () => {
    const serving = await start();
    const before = place.serving;
    const renewed = await mintServing();
    place.write('tls.key', renewed.keyPem);
    place.write('tls.crt', renewed.pem);
    try {
      const nginx = await mintNginx(terminators);
      await eventually(async () => {
        expect(await ask(serving, 'exchange', { ca: renewed })).toMatchObject({ status: 200 });
        expect(await ask(serving, 'terminator', { ca: renewed, client: nginx })).toMatchObject({
          status: 200,
        });
      });
      await expect(ask(serving, 'exchange', { ca: before })).rejects.toThrow('certificate');
    } finally {
      place.write('tls.key', before.keyPem);
      place.write('tls.crt', before.pem);
    }
  });
});

describe('new authorities of terminators', () => {
  it('let in whom they have certified, and the old ones nobody; a bad file changes nothing', async () => {
    const serving = await start();
    const old = await mintNginx(terminators);
    expect(await ask(serving, 'terminator', { client: old })).toMatchObject({ status: 200 });
    place.write('terminators.pem', 'nothing');
    await reloaded(serving, 'terminator-authorities', /^failed to load/);
    expect(await ask(serving, 'terminator', { client: old })).toMatchObject({ status: 200 });
    const next = await mintTerminators();
    place.write('terminators.pem', next.pem);
    await eventually(async () =>
      expect(await ask(serving, 'terminator', { client: old })).toMatchObject({ status: 403 }),
    );
    expect(await ask(serving, 'terminator', { client: await mintNginx(next) })).toMatchObject({
      status: 200,
    });
    terminators = next;
  });
});

describe('an authority of terminators that certifies users, too,', () => {
  it('is warned of', async () => {
    const serving = await start('--terminator-ca-file', place.path('ca.pem'));
    const warning = serving.entries.find(({ msg }) => msg.startsWith('an authority of --terminator-ca-file'));
    expect(warning).toMatchObject({ level: 'warn', entry: 'x509[0]/my-ca' });
  });
});

describe('native sessions', () => {
  it.each([
    [
      'an issuer without an entry',
      '',
      ['--issuer-url', 'https://x.example'],
      /^--issuer-url has no effect: no entry/,
    ],
    [
      'an entry without an issuer',
      '  session: {native: true}\n',
      [],
      /^session\.native has no effect without/,
    ],
  ])('of %s are warned of', async (_, session, flags, warning) => {
    const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n';
    const config = place.write('native.yaml', `${head}- issuer: {name: my-ca}\n${session}`);
    const { entries } = await start('--config', config, ...flags);
    const warned = entries.filter(({ msg }) => warning.test(msg));
    expect(warned).toMatchObject([{ level: 'warn' }]);
  });
});

describe('session signing keys', () => {
  it('are rotated over two replicas without a session being refused', async () => {
    const [old, young] = [place.path('session.key'), await writeKey('next.key')];
    const first = await start('--session-signing-key-file', young);
    const second = await start('--session-signing-key-file', young);
    const before = await exchange(first);
    expect(await judge(second, before)).toMatchObject({ authenticated: true });
    const third = await start(`--session-signing-key-file=${young}`, `--session-signing-key-file=${old}`);
    expect(await judge(third, before)).toMatchObject({ authenticated: true });
    const after = await exchange(third);
    expect(await judge(first, after)).toMatchObject({ authenticated: true });
  });

  it('are reloaded: the new one signs, and what the old one signed is refused', async () => {
    const serving = await start();
    const before = await exchange(serving);
    place.write('session.key', 'no key');
    await reloaded(serving, 'session-signing-keys', /^failed to load/);
    expect(await judge(serving, before)).toMatchObject({ authenticated: true });
    await writeKey('session.key');
    await reloaded(serving, 'session-signing-keys');
    const after = await exchange(serving);
    expect(await judge(serving, after)).toMatchObject({ authenticated: true });
    expect(await judge(serving, before)).toMatchObject({
      authenticated: false,
      error: expect.stringMatching(/^session\/unknown-key: /),
    });
  });
});

describe('SIGTERM', () => {
  it('lets the exchange under way come to its end, and takes no other', async () => {
    const serving = await start();
    const { socket, received } = await dial(serving);
    const request = 'POST /exchange HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n';
    socket.write(request + request.slice(0, -2));
    await eventually(() => expect(received()).toMatch(/^HTTP\/1\.1 200 /));
    serving.process.kill('SIGTERM');
    await eventually(() => expect(ask(serving, 'exchange')).rejects.toThrow(/ECONNREFUSED/));
    await expect(ask(serving, 'terminator')).rejects.toThrow(/ECONNREFUSED/);
    socket.write('\r\n');
    expect(await serving.ended).toBe(0);
    expect(received()).toMatch(/ 200 [^]* 200 [^]*\r\nConnection: close\r\n/);
  });
});

/** A raw connection of alice's to /exchange, and everything that came over it. */
async function dial(
  serving: Serving,
): Promise<{ readonly socket: TLSSocket; readonly received: () => string }> {
  const port = portOf(serving, 'exchange');
  const options = { host: '127.0.0.1', port, servername: 'localhost', ca: place.serving.pem };
  const socket = connect({ ...options, cert: place.alice.pem, key: place.alice.keyPem });
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve).once('error', reject);
  });
  return { socket, received: () => text };
}
