import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../src/authenticator/decide.ts';
import type { AuditEvent, LogOptions } from '../../src/server/log.ts';
import { withoutIdentity } from '../../src/server/evaluation-error.ts';
import { authenticatorOf } from '../authenticators.ts';
import { type Identity, mintAuthority, mintClient, NOW } from '../pki.ts';
import { reviewOf, startWebhook, tokenOf, type Webhook } from './webhook.ts';

let ca: Identity;
let alice: Identity;
let webhook: Webhook;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca);
});
afterEach(() => webhook.close());

async function start(rules: string, logging: LogOptions = {}): Promise<void> {
  const authenticator = authenticatorOf(`- issuer: {name: my-ca}\n${rules}`, ca.pem);
  webhook = await startWebhook({ authenticator: () => authenticator, logging });
}

const logIn = (holder = alice) => webhook.send(reviewOf(tokenOf(holder)));
const lines = () => webhook.lines.map((line) => JSON.parse(line));

const FAILING = `  userValidationRules:
  - {expression: 'user.extra["example.org/missing"][0] == "x"'}
  - {expression: '{"bob": true}[user.username]'}
`;

describe('the line of a decision', () => {
  it('has the certificate and the anchor, and nobody by name', async () => {
    await start('');
    await logIn();
    const [line] = lines();
    expect(line).toEqual({
      level: 'info',
      time: expect.any(String),
      msg: 'decided',
      decisionId: expect.stringMatching(/^[0-9a-f]{16}$/),
      outcome: 'authenticated',
      entry: 'x509[0]/my-ca',
      anchor: ca.certificate.fingerprint,
      possession: 'signed',
      credentialId: `X509SHA256=${alice.certificate.fingerprint}`,
      serial: alice.certificate.serialNumber.toString(16),
      notAfter: '2027-06-15T12:00:00.000Z',
      jti: expect.any(String),
      durationMs: expect.any(Number),
    });
  });

  it('has the user with --log-identities, or the subject where there is none', async () => {
    await start('  userValidationRules: [{expression: \'user.groups == ["dev"]\'}]\n', {
      identities: 'shown',
    });
    await logIn();
    await logIn(await mintClient(ca, { subject: [{ CN: 'mallory' }] }));
    expect(lines()).toMatchObject([
      { username: 'alice', groups: ['dev'] },
      { code: 'user/denied', subject: [{ type: '2.5.4.3', value: 'mallory' }] },
    ]);
  });

  it('has nothing of the token that a terminal would obey', async () => {
    await start('');
    await webhook.send(reviewOf(tokenOf(alice, { jti: 'x\u001b[31m\u009b31m\u202ey' })));
    expect(lines()[0].jti).toBe('x?[31m?31m?y');
  });

  it('warns of each rule that could not be evaluated and let pass, without what it quotes of the user', async () => {
    await start(FAILING);
    await logIn();
    expect(lines()).toMatchObject([
      { level: 'warn', rule: 0, expression: 'user.extra["example.org/missing"][0] == "x"' },
      { level: 'warn', rule: 1, expression: '{"bob": true}[user.username]' },
      { level: 'info', outcome: 'authenticated', steps: [{ rule: 0 }, { rule: 1 }] },
    ]);
    expect(lines()[0].error).toBe('no such key: example.org/missing');
    expect(webhook.lines.join('')).not.toContain('alice');
  });

  it('says with --log-identities what CEL said', async () => {
    await start(FAILING, { identities: 'shown' });
    await logIn();
    expect(lines()[1].error).toContain('alice');
  });
});

describe('a fault of ours', () => {
  it('in an expression is counted as one, though it is a denial', async () => {
    const entry = "- issuer: {name: my-ca}\n  userValidationRules: [{expression: 'false'}]\n";
    const authenticator = authenticatorOf(entry, ca.pem);
    webhook = await startWebhook({ authenticator: () => authenticator });
    const possession = { kind: 'assumed' } as const;
    const decision = decide(authenticator, { chain: [alice.certificate], possession, at: NOW });
    const reason = { code: 'internal/fault', stage: 'user', index: 0 } as const;
    const event = { chain: [alice.certificate] as const, tokenId: 'x', durationMs: 1 };
    if (decision.outcome !== 'denied') throw new Error('alice is denied');
    webhook.endpoint.service.log.decided('1', { decision, ...event });
    expect(await webhook.count('faults_total')).toBe(0);
    webhook.endpoint.service.log.decided('2', { decision: { ...decision, reason }, ...event });
    expect(await webhook.count('faults_total')).toBe(1);
  });
});

describe('an evaluation error', () => {
  it.each([
    ['no such key: example.org/x', 'user.extra["example.org/x"]', 'no such key: example.org/x'],
    ['no such key: alice', 'm[user.username]', 'no such key'],
    ['no such key: alice', '{"bob": 1}[user.username] == 1 || user.username == "alice"', 'no such key'],
    ['no such key: team', 'user.extra.team[0] == "x"', 'no such key: team'],
    ['unknown time zone alice', 'now.getHours(user.username) > 8', 'unknown time zone'],
    ['strconv.ParseInt: parsing "alice": invalid syntax', 'int(user.username)', 'strconv.ParseInt'],
    ['index out of bounds: 5', 'user.groups[5]', 'index out of bounds'],
    [
      "type conversion error from 'string' to 'int'",
      'int(user.username)',
      "type conversion error from 'string' to 'int'",
    ],
    ['division by zero', '1 / 0', 'division by zero'],
  ])('%s becomes what names nobody', (error, expression, expected) => {
    expect(withoutIdentity(error, expression)).toBe(expected);
  });
});

describe('lines about strangers', () => {
  it('are a hundred of a code in ten seconds, and the next one tells how many were left out', async () => {
    let ticks = 0;
    await start('', { ticks: () => ticks });
    const stranger = await mintClient(await mintAuthority('other'));
    for (let count = 0; count < 120; count += 1) await logIn(stranger);
    await logIn();
    ticks = 10_000;
    await logIn(stranger);
    expect(lines().filter(({ outcome }) => outcome === 'no-opinion')).toHaveLength(101);
    expect(lines().filter(({ outcome }) => outcome === 'authenticated')).toHaveLength(1);
    expect(lines().at(-1)).toMatchObject({ code: 'path/unknown-authority', leftOut: 20 });
    expect(await webhook.count('refusals_total', { code: 'path/unknown-authority' })).toBe(121);
  });
});

describe('the audit trail', () => {
  it('has the same events as the log', async () => {
    const events: { readonly event: AuditEvent }[] = [];
    const audit = { write: (event: AuditEvent, fields: object) => void events.push({ event, ...fields }) };
    await start(FAILING, { audit });
    await logIn();
    await webhook.send(reviewOf('kube-x509-v1.a.b.c'));
    const told = lines().map(({ level: _level, time: _time, msg: _msg, ...fields }) => fields);
    expect(events.map(({ event: _event, ...fields }) => fields)).toEqual(told);
    expect(events).toMatchObject([
      { event: 'rule-failed-open' },
      { event: 'rule-failed-open' },
      { event: 'decided' },
      { event: 'token-refused' },
    ]);
  });

  it('has every event of the catalogue, and the catalogue every event', async () => {
    await start('');
    const source = readFileSync(new URL('../../src/server/log.ts', import.meta.url), 'utf8');
    const levels = source.slice(source.indexOf('const LEVELS'), source.indexOf('/** A log that writes'));
    const events = [...levels.matchAll(/^ {2}'?([\w-]+)'?: '/gm)].map(([, event]) => event);
    const docs = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');
    const catalogue = docs.slice(docs.indexOf('## Events'), docs.indexOf('## The fields'));
    const documented = [...catalogue.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, event]) => event);
    expect(new Set(documented)).toEqual(new Set(events));
  });
});
