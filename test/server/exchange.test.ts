import { Agent, type RequestOptions } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionKey } from '../../src/credential/session-key.ts';
import { openSession } from '../../src/credential/open-session.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { authenticatorOf } from '../authenticators.ts';
import { eventually } from '../eventually.ts';
import { type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../pki.ts';
import { ask, type FrontDoor, holding, mintSessionKey, openExchange, sessionService } from './front-door.ts';
import { AUDIENCE } from './webhook.ts';

const ENTRIES = `
- issuer: {name: my-ca}
  requestValidationRules:
  - {expression: 'request.remoteaddr == "127.0.0.2"', message: only from the desk}
- issuer: {name: sub-ca, certificateAuthorityFile: ca.pem}
`;

let ca: Identity;
let sub: Identity;
let alice: Identity;
let bob: Identity;
let key: SessionKey;
let door: FrontDoor;
let proxied: FrontDoor;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  sub = await mintIntermediate(ca, 'sub-ca');
  alice = await mintClient(ca);
  bob = await mintClient(sub, { subject: [{ CN: 'bob' }] });
  key = await mintSessionKey();
  const authenticator = authenticatorOf(ENTRIES, ca.pem);
  const service = sessionService({ authenticator: () => authenticator, keys: () => [key] });
  door = await openExchange(service);
  proxied = await openExchange(service, { isProxy: (address) => address === '127.0.0.4' });
});
afterAll(async () => {
  await door.close();
  await proxied.close();
});

const POST = { method: 'POST', path: '/exchange' };

describe('an exchange', () => {
  it('gives a session to who comes from where the rule says', async () => {
    const { status, body, headers } = await ask(door, {
      ...POST,
      ...holding(alice),
      localAddress: '127.0.0.2',
    });
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^kube-x509-session-v1\./),
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 60,
    });
    const opened = openSession(body.access_token, { audiences: [AUDIENCE], keys: [key], at: NOW });
    expect(opened).toMatchObject({
      kind: 'opened',
      claims: {
        possession: 'proved',
        user: { username: 'alice', groups: ['dev'] },
        entry: { id: 'x509[0]/my-ca' },
      },
    });
  });

  it('gives another over the same connection, also to who needs an intermediate', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let time = 0; time < 3; time += 1) {
      expect((await ask(door, { ...POST, ...holding(bob, sub), agent })).status).toBe(200);
    }
    agent.destroy();
  });

  it('denies who comes from elsewhere, with the message of the rule', async () => {
    const { status, body } = await ask(door, { ...POST, ...holding(alice), localAddress: '127.0.0.3' });
    expect([status, body.reason]).toEqual([403, 'Forbidden']);
    expect(body.message).toMatch(/^request\/denied: only from the desk \(decision [0-9a-f]{16}\)$/);
  });

  it.each([
    ['without a certificate', {}, 403, /^possession\/no-certificate: /],
    ['with a method that is not POST', { method: 'GET' }, 405, /POST/],
    ['of another path', { path: '/authenticate' }, 404, /not served here/],
    ['of a broken target', { path: 'http://[::1' }, 400, /expected a path/],
  ])('%s is refused', async (_, options, code, message) => {
    const { status, body } = await ask(door, { ...POST, ...options });
    expect(status).toBe(code);
    expect(body.message).toMatch(message);
  });

  it.each([
    ['for an audience that is not ours', 'audience=other', 400],
    ['for two audiences', `audience=${AUDIENCE}&audience=${AUDIENCE}`, 400],
    ['for our audience', `audience=${AUDIENCE}`, 200],
    ['of another grant', 'grant_type=password', 400],
    ['with a body of 1 MiB', `x=${'x'.repeat(2 ** 20)}`, 413],
  ])('%s gets its status', async (_, form, code) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { status } = await ask(door, { ...POST, ...holding(bob, sub), headers }, form);
    expect(status).toBe(code);
  });

  it('with a JSON body is refused', async () => {
    const headers = { 'content-type': 'application/json' };
    expect(await ask(door, { ...POST, headers }, '{}')).toMatchObject({ status: 400 });
  });

  it('ignores headers that claim an address or a certificate', async () => {
    const headers = { 'x-forwarded-for': '127.0.0.2', 'x-real-ip': '127.0.0.2', 'client-cert': ':AA==:' };
    const { status } = await ask(door, { ...POST, ...holding(alice), headers, localAddress: '127.0.0.3' });
    expect(status).toBe(403);
  });

  it('of a certificate whose key the client has not got does not come about', async () => {
    const stolen = { cert: alice.pem, key: bob.keyPem };
    await expect(ask(door, { ...POST, ...stolen })).rejects.toThrow(/key values mismatch/);
  });

  it('of a stranger has no opinion', async () => {
    const stranger = await mintClient(await mintAuthority('my-ca'));
    const { status, body } = await ask(door, {
      ...POST,
      ...holding(stranger),
      localAddress: '127.0.0.2',
    });
    expect([status, body.message]).toEqual([403, expect.stringMatching(/^path\/unknown-authority: /)]);
  });
});

describe('exchanges of strangers', () => {
  it('wait for each other, a few of them, and not for who was let in lately', async () => {
    const authenticator = authenticatorOf(ENTRIES, ca.pem);
    const service = sessionService({ authenticator: () => authenticator, keys: () => [key] });
    const metrics = createMetrics();
    let now = 0;
    // A clock by which each turn takes two seconds, which is how long the lane rests then.
    const ticks = (): number => (now += 2000);
    const busy = await openExchange(service, { limits: { inFlight: 4 }, metrics, ticks });
    const stranger = holding(await mintClient(await mintAuthority('my-ca')));
    const order: string[] = [];
    const exchangeAs = async (who: string, holder: RequestOptions): Promise<number> => {
      const { status } = await ask(busy, { ...POST, ...holder });
      order.push(`${who} ${status}`);
      return status;
    };
    expect(await exchangeAs('bob', holding(bob, sub))).toBe(200);
    const strangers = [1, 2, 3].map(() => exchangeAs('stranger', stranger));
    await eventually(() => expect(order).toEqual(['bob 200', 'stranger 503']));
    expect(await exchangeAs('bob', holding(bob, sub))).toBe(200);
    await Promise.all(strangers);
    expect(order).toEqual(['bob 200', 'stranger 503', 'bob 200', 'stranger 403', 'stranger 403']);
    const { values } = await metrics.rejections.get();
    expect(values.find(({ labels }) => labels['reason'] === 'strangers')?.value).toBe(1);
    await busy.close();
  });
});

describe('the chain that Node exposes', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('has the intermediates, in %s', async (version) => {
    const options = { minVersion: version, maxVersion: version } as const;
    const { status } = await ask(door, { ...POST, ...holding(bob, sub), ...options });
    expect(status).toBe(200);
  });

  it('has both of two cross-signed intermediates, in their order', async () => {
    const other = await mintAuthority('other-ca');
    const crossed = await mintIntermediate(other, 'sub-ca');
    const { status } = await ask(door, { ...POST, ...holding(bob, crossed, sub) });
    expect(status).toBe(200);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('is never that of a resumed session, in %s', async (version) => {
    const first = await open(version);
    const again = await open(version, first.session);
    expect([first.reused, again.reused]).toEqual([false, false]);
    expect(again.status).toMatch(/ 200 /);
  });
});

/** Exchanges over a raw TLS connection, with the session of another one. */
function open(
  version: 'TLSv1.2' | 'TLSv1.3',
  session?: Buffer,
): Promise<{ session: Buffer | undefined; reused: boolean; status: string }> {
  return new Promise((resolve, reject) => {
    let latest: Buffer | undefined;
    const socket: TLSSocket = connectTls({
      host: '127.0.0.1',
      port: door.listener.address.port,
      ca: door.serving.pem,
      servername: 'localhost',
      cert: bob.pem + sub.pem,
      key: bob.keyPem,
      minVersion: version,
      maxVersion: version,
      ...(session && { session }),
    });
    socket.on('session', (each: Buffer) => (latest = each));
    socket.on('error', reject);
    socket.once('data', (data: Buffer) => {
      const [status = ''] = data.toString().split('\r\n');
      resolve({ session: latest ?? socket.getSession(), reused: socket.isSessionReused(), status });
      socket.destroy();
    });
    socket.write('POST /exchange HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n');
  });
}

const V2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n');
const v2 = (command: number, family: number, addresses: Buffer): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(addresses.length);
  return Buffer.concat([V2, Buffer.from([command, family]), length, addresses]);
};
const v2Address = (last: number): Buffer => Buffer.from([127, 0, 0, last, 127, 0, 0, 1, 0, 80, 1, 187]);
const MAPPED = Buffer.concat([
  Buffer.from('00000000000000000000ffff7f000002', 'hex'),
  Buffer.alloc(16),
  Buffer.alloc(4),
]);

describe('a PROXY header', () => {
  it.each([
    ['version 1', Buffer.from('PROXY TCP4 127.0.0.2 127.0.0.1 1000 443\r\n'), 200],
    ['version 1, of another client', Buffer.from('PROXY TCP4 127.0.0.3 127.0.0.1 1000 443\r\n'), 403],
    ['version 2', v2(0x21, 0x11, v2Address(2)), 200],
    ['version 2, of another client', v2(0x21, 0x11, v2Address(3)), 403],
    ['version 2, IPv4 mapped into IPv6', v2(0x21, 0x21, MAPPED), 200],
    ['version 2 with TLVs', v2(0x21, 0x11, Buffer.concat([v2Address(2), Buffer.from([4, 0, 1, 0])])), 200],
  ])('of a trusted proxy is believed: %s', async (_, header, code) => {
    expect(await throughProxy(header, { localAddress: '127.0.0.4' })).toMatch(new RegExp(` ${code} `));
  });

  it.each([
    ['version 1, unknown', Buffer.from('PROXY UNKNOWN\r\n')],
    ['version 2, of the proxy itself', v2(0x20, 0, Buffer.alloc(0))],
  ])('that names nobody makes the proxy’s own address nobody’s: %s', async (_, header) => {
    const authenticator = authenticatorOf(ENTRIES.replace('127.0.0.2', '127.0.0.4'), ca.pem);
    const lines: string[] = [];
    const service = sessionService({ authenticator: () => authenticator, keys: () => [key], lines });
    const other = await openExchange(service, { isProxy: (address) => address === '127.0.0.4' });
    try {
      expect(await throughProxy(header, { localAddress: '127.0.0.4', door: other })).toMatch(/ 403 /);
      expect(lines.join('')).toContain('request/remoteaddr-unknown');
    } finally {
      await other.close();
    }
  });

  it('that comes byte by byte is believed', async () => {
    const header = Buffer.from('PROXY TCP4 127.0.0.2 127.0.0.1 1000 443\r\n');
    expect(await throughProxy(header, { localAddress: '127.0.0.4', step: 1 })).toMatch(/ 200 /);
  });

  it.each([
    ['is missing', Buffer.alloc(0)],
    ['has an octal address', Buffer.from('PROXY TCP4 0177.0.0.2 127.0.0.1 1000 443\r\n')],
    ['has an address of the other family', Buffer.from('PROXY TCP4 ::1 127.0.0.1 1000 443\r\n')],
    ['has no end', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`)],
    ['has an unknown version', v2(0x31, 0x11, v2Address(2))],
    ['has an unknown command', v2(0x22, 0x11, v2Address(2))],
    ['is too short for its addresses', v2(0x21, 0x11, v2Address(2).subarray(0, 8))],
    ['is too long', v2(0x21, 0x11, Buffer.alloc(4096))],
    ['has addresses of no family', v2(0x21, 0x00, v2Address(2))],
  ])('of a trusted proxy ends the connection where it %s', async (_, header) => {
    await expect(throughProxy(header, { localAddress: '127.0.0.4' })).rejects.toThrow(
      /closed|disconnected|reset|EPIPE/i,
    );
  });

  it('of anybody else ends the connection', async () => {
    const header = Buffer.from('PROXY TCP4 127.0.0.2 127.0.0.1 1000 443\r\n');
    await expect(throughProxy(header, { localAddress: '127.0.0.3' })).rejects.toThrow(
      /closed|disconnected|reset|EPIPE/i,
    );
  });
});

interface Through {
  readonly localAddress: string;
  readonly door?: FrontDoor;
  /** Bytes that are sent at a time. */
  readonly step?: number;
}

/** Exchanges alice's certificate over a connection that begins with these bytes. */
function throughProxy(
  header: Buffer,
  { localAddress, door = proxied, step = header.length }: Through,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const tcp: Socket = connectTcp({ host: '127.0.0.1', port: door.listener.address.port, localAddress });
    tcp.setNoDelay(true);
    tcp.on('error', reject);
    const speak = (): void => {
      const socket = connectTls({
        socket: tcp,
        ca: door.serving.pem,
        servername: 'localhost',
        cert: alice.pem,
        key: alice.keyPem,
      });
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('closed')));
      socket.once('data', (data: Buffer) => {
        resolve(data.toString().split('\r\n')[0] ?? '');
        socket.destroy();
      });
      socket.write('POST /exchange HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n');
    };
    writeInSteps(tcp, header, step).then(speak, reject);
  });
}

async function writeInSteps(tcp: Socket, bytes: Buffer, step: number): Promise<void> {
  for (let start = 0; start < bytes.length; start += step) {
    tcp.write(bytes.subarray(start, start + step));
    if (step < bytes.length) await new Promise((next) => setImmediate(next));
  }
}
