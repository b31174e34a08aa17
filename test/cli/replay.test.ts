import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAuditLine } from '../../src/cli/replay/audit-event.ts';
import { judgeIdentity } from '../../src/cli/replay/judge-identity.ts';
import { readLines } from '../../src/cli/replay/read-lines.ts';
import { readAuditLogs, readLog } from '../../src/cli/replay/read-log.ts';
import { collectIdentities } from '../../src/cli/replay/seen-identities.ts';
import { authenticatorOf } from '../authenticators.ts';
import { mintAuthority } from '../pki.ts';

const SHA = 'ab'.repeat(32);

function event(fields: object = {}, user: object = {}): Buffer {
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${SHA}`] };
  return Buffer.from(
    JSON.stringify({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      stage: 'ResponseComplete',
      user: { username: 'alice', groups: ['dev', 'system:authenticated'], extra, ...user },
      sourceIPs: ['10.0.0.1'],
      requestReceivedTimestamp: '2026-06-15T10:00:00.123456Z',
      ...fields,
    }),
  );
}

const credentials = (...ids: readonly string[]): object => ({
  'authentication.kubernetes.io/credential-id': ids,
});

async function* chunksOf(text: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (const size of sizes) {
    yield text.subarray(start, start + size);
    start += size;
  }
  yield text.subarray(start);
}

describe('the lines of a log', () => {
  it('are the same however they come in', async () => {
    const lines = fc.array(fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', '')));
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.nat(20)), async (lines, sizes) => {
        const got: string[] = [];
        const sink = { line: (line: Buffer) => void got.push(line.toString()), skipped() {} };
        await readLines(chunksOf(Buffer.from(lines.join('\n')), sizes), sink);
        expect(got).toEqual(lines.filter((line) => line !== ''));
      }),
    );
  });
  it('are passed over where they are too long to be events', async () => {
    const got: string[] = [];
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    async function* log(): AsyncGenerator<Buffer> {
      yield Buffer.from('first\n');
      for (let count = 0; count < 40; count += 1) yield chunk;
      yield Buffer.from('\nlast\n');
    }
    await readLines(log(), {
      line: (line) => void got.push(line.toString()),
      skipped: () => void got.push('skipped'),
    });
    expect(got).toEqual(['first', 'skipped', 'last']);
  });
});

describe('an event', () => {
  const ofEvent = (line: Buffer) => {
    const parsed = parseAuditLine(line);
    return parsed.kind === 'certificate' ? parsed.event : parsed.kind;
  };
  it('tells who authenticated, without the group that everybody gets', () => {
    expect(ofEvent(event())).toMatchObject({
      fingerprint: SHA,
      user: { username: 'alice', uid: '', groups: ['dev'] },
      remoteAddress: '10.0.0.1',
      at: Date.parse('2026-06-15T10:00:00.123Z'),
      isEnd: true,
    });
  });
  it.each<[string, Buffer, object | string]>([
    [
      'the last address is the peer’s',
      event({ sourceIPs: ['10.0.0.1', '192.0.2.1'] }),
      { remoteAddress: '192.0.2.1' },
    ],
    ['an IPv4-mapped address', event({ sourceIPs: ['::ffff:10.0.0.1'] }), { remoteAddress: '10.0.0.1' }],
    [
      'whoever is impersonated',
      event({ impersonatedUser: { username: 'bob' } }),
      { user: { username: 'alice' } },
    ],
    ['the beginning of a request', event({ stage: 'RequestReceived' }), { isEnd: false }],
    ['a user without a certificate', event({}, { extra: {} }), 'other'],
    ['a credential id of another kind', event({}, { extra: credentials('JTI=1') }), 'other'],
    ['a fingerprint that is none', event({}, { extra: credentials('X509SHA256=zz') }), { fingerprint: '' }],
    [
      'a credential id that is only talked about',
      event({ requestObject: 'X509SHA256=' }, { extra: {} }),
      'other',
    ],
    ['no event', Buffer.from('["X509SHA256="]'), 'malformed'],
    ['a list of events', Buffer.from('{"kind":"EventList","items":["X509SHA256="]}'), 'malformed'],
    ['groups that are null', event({}, { groups: null }), { user: { username: 'alice', groups: [] } }],
    [
      'a fingerprint in capitals, behind another credential',
      event({}, { extra: credentials('JTI=1', `X509SHA256=${SHA.toUpperCase()}`) }),
      { fingerprint: SHA },
    ],
    ['no time', event({ requestReceivedTimestamp: 5 }), 'malformed'],
    ['a line that was cut off', event().subarray(0, -5), 'malformed'],
  ])('%s', (_, line, expected) => {
    const got = ofEvent(line);
    if (typeof expected === 'string') expect(got).toBe(expected);
    else expect(got).toMatchObject(expected);
  });
  it('without an address has none', () => {
    expect(ofEvent(event({ sourceIPs: [] }))).not.toHaveProperty('remoteAddress');
    expect(ofEvent(event({ sourceIPs: ['nonsense'] }))).not.toHaveProperty('remoteAddress');
  });
});

describe('identities', () => {
  it('are told apart by certificate, user and address, and counted by ended requests', () => {
    const seen = collectIdentities(3);
    const add = (line: Buffer): void => {
      const parsed = parseAuditLine(line);
      if (parsed.kind === 'certificate') seen.add(parsed.event);
    };
    for (const line of [
      event(),
      event({ stage: 'RequestReceived' }),
      event({ requestReceivedTimestamp: '2026-06-15T11:00:00Z' }),
    ])
      add(line);
    add(event({ sourceIPs: ['10.0.0.2'] }));
    add(event({}, { groups: ['ops'] }));
    add(event({}, { username: 'bob' }));
    const lastSeen = Date.parse('2026-06-15T11:00:00Z');
    expect([...seen.identities]).toMatchObject([{ requests: 2, lastSeen }, { requests: 1 }, { requests: 1 }]);
    expect(seen.overflow).toBe(1);
  });
});

describe('logs that are files', () => {
  it('are read as one, those that kube-apiserver compressed too', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'logs-'));
    try {
      const [plain, packed] = [join(directory, 'audit.log'), join(directory, 'audit-2026.log.gz')];
      writeFileSync(plain, event());
      writeFileSync(packed, gzipSync(event({ sourceIPs: ['10.0.0.2'] })));
      const { identities } = await readAuditLogs([plain, packed]);
      expect(Array.from(identities, ({ remoteAddress }) => remoteAddress)).toEqual(['10.0.0.1', '10.0.0.2']);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('a long log', () => {
  it('is replayed in constant memory', async () => {
    const ca = await mintAuthority('my-ca');
    const authenticator = authenticatorOf('- issuer: {name: my-ca}\n', ca.pem);
    const padding = 'x'.repeat(1500);
    let peak = 0;
    async function* log(): AsyncGenerator<Buffer> {
      const block = Array.from({ length: 500 }, (_, index) =>
        event({ sourceIPs: [`10.0.0.${index % 100}`], requestURI: padding }).toString(),
      ).join('\n');
      for (let count = 0; count < 150; count += 1) {
        yield Buffer.from(`${block}\n`);
        peak = Math.max(peak, process.memoryUsage().rss);
      }
    }
    const before = process.memoryUsage().rss;
    const seen = collectIdentities();
    const { malformed } = await readLog(log(), seen);
    const judged = Array.from(seen.identities, (identity) =>
      judgeIdentity(authenticator, identity, undefined),
    );
    expect([judged.length, malformed]).toEqual([100, 0]);
    expect(judged.reduce((sum, { identity }) => sum + identity.requests, 0)).toBe(75_000);
    // 140 MB went through.
    expect(peak - before).toBeLessThan(120 * 1024 * 1024);
  });
});
