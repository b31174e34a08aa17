import { readFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import type { SessionKey } from '../../src/credential/session-key.ts';
import { type Admission, admit, type Presented, type SessionService } from '../../src/server/admit.ts';
import { answerReview } from '../../src/server/answer-review.ts';
import type { AuditEvent } from '../../src/server/log.ts';
import { createMetrics, type Metrics } from '../../src/server/metrics.ts';
import { authenticatorOf } from '../authenticators.ts';
import { type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../pki.ts';
import { mintSessionKey, sessionService } from './front-door.ts';
import { expectNoSecrets } from './secrets.ts';
import { AUDIENCE } from './webhook.ts';

const ENTRY = 'x509[0]/my-ca';
const ENTRIES = `- issuer: {name: my-ca}
  requestValidationRules: [{expression: 'request.remoteaddr == "10.1.2.3"', message: only from the desk}]
`;

let ca: Identity;
let alice: Identity;
let key: SessionKey;
let authenticator: Authenticator;
let service: SessionService;
let metrics: Metrics;
let now: number;
let lines: string[];
let events: ({ readonly event: AuditEvent } & Record<string, unknown>)[];

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca);
  key = await mintSessionKey();
});
beforeEach(() => start());

function start(identities: 'shown' | 'left-out' = 'left-out'): void {
  now = NOW;
  lines = [];
  events = [];
  let ticks = 0;
  metrics = createMetrics();
  authenticator = authenticatorOf(ENTRIES, ca.pem);
  metrics.decisions.follow(authenticator);
  const audit = { write: (event: AuditEvent, fields: object) => void events.push({ event, ...fields }) };
  service = sessionService({
    authenticator: () => authenticator,
    keys: () => [key],
    now: () => now,
    ticks: () => (ticks += 1),
    lines,
    logging: { audit, identities },
    metrics,
  });
}

function enter(changes: Partial<Presented> = {}): Admission {
  const possession = { kind: 'proved' } as const;
  const presented = { certificates: [alice.der], possession, remoteAddress: '10.1.2.3', audience: AUDIENCE };
  return admit({ ...presented, ...changes }, service);
}

function enterForToken(): string {
  const admission = enter();
  if (admission.kind !== 'admitted') throw new Error(admission.code);
  return admission.session.token;
}

const review = (token: string) =>
  answerReview({ apiVersion: 'authentication.k8s.io/v1', token, audiences: [] }, service);

/** The series of a metric that are not 0, as label values and number. */
async function seriesOf(name: string): Promise<readonly (readonly unknown[])[]> {
  const metric = await metrics.registry.getSingleMetric(`kube_x509_authn_${name}`)?.get();
  const series = metric?.values.filter(
    ({ value, metricName = '' }: { value: number; metricName?: string }) =>
      metricName === '' ? value > 0 : metricName.endsWith('_count'),
  );
  return (series ?? []).map(({ labels, value }) => [...Object.values(labels), value]);
}

const ATTEMPTS = 'authentication_attempts_total';
const REFUSALS = 'refusals_total';
const DURATIONS = 'authentication_duration_seconds';

/** The fields of the catalogue. */
const CATALOGUE = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');
const FIELDS = new Set([...CATALOGUE.matchAll(/`(\w+)`/g)].map(([, field]) => field));

/** The log and the trail tell the same, what the catalogue has, and nothing that is secret. */
function expectTold(...expected: readonly object[]): void {
  expectNoSecrets(lines);
  expect(events).toMatchObject(expected);
  expect(events).toHaveLength(expected.length);
  expect(events.flatMap(Object.keys).filter((field) => !FIELDS.has(field))).toEqual([]);
  const told = lines.map((line) => JSON.parse(line));
  expect(told.map(({ level: _level, time: _time, msg: _msg, ...fields }) => fields)).toEqual(
    events.map(({ event: _event, ...fields }) => fields),
  );
}

describe('at a front door is told and counted once', () => {
  it('a session that is given', async () => {
    enterForToken();
    const credentialId = `X509SHA256=${alice.certificate.fingerprint}`;
    const line = { outcome: 'authenticated', possession: 'proved', remoteAddress: '10.1.2.3', credentialId };
    expectTold({ event: 'decided', entry: ENTRY, ...line, durationMs: 1 });
    expect(await seriesOf(ATTEMPTS)).toEqual([['authenticated', ENTRY, 1]]);
    expect(await seriesOf(DURATIONS)).toEqual([['authenticated', ENTRY, 1]]);
  });

  it.each<[string, Partial<Presented>, string, string, object]>([
    [
      'a denial',
      { remoteAddress: '10.1.2.4' },
      'denied',
      ENTRY,
      { event: 'decided', code: 'request/denied', possession: 'proved', remoteAddress: '10.1.2.4' },
    ],
    [
      'a certificate that a terminator speaks of, from nobody knows where',
      { remoteAddress: undefined, possession: { kind: 'assumed' } },
      'denied',
      ENTRY,
      { event: 'decided', code: 'request/remoteaddr-unknown', possession: 'assumed' },
    ],
    [
      'no certificate',
      { certificates: [] },
      'refused',
      'none',
      { event: 'token-refused', code: 'possession/no-certificate' },
    ],
    [
      'a certificate that is none',
      { certificates: [Buffer.from('x')] },
      'refused',
      'none',
      { event: 'token-refused', code: 'possession/bad-chain' },
    ],
  ])('%s', async (_, changes, result, entry, line) => {
    expect(enter(changes)).toMatchObject({ kind: 'refused' });
    expectTold(line);
    expect(await seriesOf(ATTEMPTS)).toEqual([[result, entry, 1]]);
    expect(await seriesOf(DURATIONS)).toEqual([[result, entry, 1]]);
    expect(await seriesOf(REFUSALS)).toEqual([[(line as { code: string }).code, entry, 1]]);
  });

  it('a user whose groups no header holds', async () => {
    const groups = Array.from({ length: 900 }, (_, index) => ({ O: `group-${index}-${'x'.repeat(30)}` }));
    const holder = await mintClient(ca, { subject: [{ CN: 'alice' }, ...groups] });
    expect(enter({ certificates: [holder.der] })).toMatchObject({ code: 'session/too-large' });
    const credentialId = `X509SHA256=${holder.certificate.fingerprint}`;
    expectTold({
      event: 'decided',
      outcome: 'denied',
      code: 'session/too-large',
      entry: ENTRY,
      credentialId,
    });
    expect(await seriesOf(ATTEMPTS)).toEqual([['denied', ENTRY, 1]]);
    expect(await seriesOf(REFUSALS)).toEqual([['session/too-large', ENTRY, 1]]);
  });

  it('a chain that would take a hundred signature checks, after sixteen at most', async () => {
    const root = await mintAuthority('maze');
    const maze = await Promise.all(Array.from({ length: 15 }, () => mintIntermediate(root, 'maze')));
    const [entrance = root] = maze;
    const lost = await mintClient(entrance);
    const entries = Array.from({ length: 4 }, (_, index) => `- issuer: {name: ca-${index}}\n`);
    authenticator = authenticatorOf(entries.join(''), ca.pem);
    expect(enter({ certificates: [lost, ...maze].map(({ der }) => der) })).toMatchObject({ kind: 'refused' });
    expect(authenticator.paths.counters.signatureChecks).toBeLessThanOrEqual(16);
    expectTold({ event: 'decided', outcome: 'no-opinion', code: 'path/signature-limit' });
  });

  it('a fault of ours', async () => {
    const faulty = { ...service, authenticator: () => expect.fail('a fault') };
    const possession = { kind: 'proved' } as const;
    const certificates = [alice.der];
    const admission = admit(
      { certificates, possession, remoteAddress: undefined, audience: AUDIENCE },
      faulty,
    );
    expect(admission).toMatchObject({ kind: 'refused', code: 'internal/error' });
    expect(events).toMatchObject([{ event: 'fault' }]);
    expect(await seriesOf(ATTEMPTS)).toEqual([['error', 'none', 1]]);
  });
});

describe('at /authenticate is told and counted once', () => {
  /** Forgets what the exchange was told and counted as. */
  function exchangeBefore(): { readonly token: string; readonly session: unknown } {
    const token = enterForToken();
    const decisionId = events[0]?.['decisionId'];
    lines.length = 0;
    events.length = 0;
    metrics.registry.resetMetrics();
    return { token, session: decisionId };
  }

  it('a session that still holds, under the id of the decision that it was given for', async () => {
    const { token, session } = exchangeBefore();
    expect(review(token)).toMatchObject({ authenticated: true });
    const credentialId = `X509SHA256=${alice.certificate.fingerprint}`;
    const line = { outcome: 'authenticated', entry: ENTRY, possession: 'proved', credentialId };
    expectTold({ event: 'decided', ...line, session, durationMs: 1 });
    expect(events[0]).not.toHaveProperty('username');
    expect(events[0]?.['decisionId']).not.toBe(session);
    expect(await seriesOf(ATTEMPTS)).toEqual([['authenticated', ENTRY, 1]]);
    expect(await seriesOf(DURATIONS)).toEqual([['authenticated', ENTRY, 1]]);
  });

  it('and who it is, with --log-identities', () => {
    start('shown');
    const { token } = exchangeBefore();
    expect(review(token)).toMatchObject({ authenticated: true });
    expectTold({ username: 'alice', groups: ['dev'] });
  });

  it('a session whose entry has changed', async () => {
    const { token, session } = exchangeBefore();
    authenticator = authenticatorOf('- issuer: {name: my-ca}\n', ca.pem);
    expect(review(token)).toMatchObject({ authenticated: false });
    expectTold({ event: 'decided', outcome: 'denied', code: 'session/entry-changed', session });
    expect(await seriesOf(ATTEMPTS)).toEqual([['denied', 'none', 1]]);
    expect(await seriesOf(REFUSALS)).toEqual([['session/entry-changed', 'none', 1]]);
  });

  it('a session that has ended', async () => {
    const { token } = exchangeBefore();
    now = NOW + 60_000;
    expect(review(token)).toMatchObject({ authenticated: false });
    expectTold({ event: 'token-refused', outcome: 'refused', code: 'session/expired' });
    expect(await seriesOf(ATTEMPTS)).toEqual([['refused', 'none', 1]]);
    expect(await seriesOf(DURATIONS)).toEqual([['refused', 'none', 1]]);
    expect(await seriesOf(REFUSALS)).toEqual([['session/expired', 'none', 1]]);
  });
});
