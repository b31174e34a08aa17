import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonWebKey } from 'node:crypto';
import { authenticatorOf } from '../authenticators.ts';
import { flagsOf, freshReview, openWorkplace, review, startServe } from '../cli/serving.ts';
import { run } from '../cli/program.ts';
import { eventually } from '../eventually.ts';
import { type Identity, mintAuthority, mintClient } from '../pki.ts';
import { findSecret } from './secrets.ts';
import { reviewOf, startWebhook, tokenOf } from './webhook.ts';

let ca: Identity;
let alice: Identity;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca);
});

/** A key's base64 without the PEM around it. */
const bodyOf = (pem: string): string => pem.split('\n').slice(1, -2).join('');

describe('the check for secrets, which every server and program under test is held to,', () => {
  it.each<[string, () => string]>([
    ['a token', () => tokenOf(alice)],
    ['the beginning of a token', () => tokenOf(alice).slice(0, 40)],
    ['a session token', () => `kube-x509-session-v1.${randomBytes(40).toString('base64url')}`],
    ['a JSON Web Token', () => tokenOf(alice).slice('kube-x509-v1.'.length)],
    ['a key in PEM', () => alice.keyPem],
    ['a key without its PEM', () => bodyOf(alice.keyPem)],
    ['a key as SEC 1', () => alice.key.export({ type: 'sec1', format: 'der' }).toString('base64')],
    ['a key as JSON', () => JSON.stringify(alice.key.export({ format: 'jwk' }) satisfies JsonWebKey)],
    ['a certificate in PEM', () => alice.pem],
    ['a certificate without its PEM', () => alice.der.toString('base64')],
  ])('finds %s', (_, secret) => {
    expect(findSecret(['fine', secret()])).toBeDefined();
    expect(
      findSecret(['fine', JSON.stringify({ why: `got ${secret()}!` }).replaceAll('\\"', '"')]),
    ).toBeDefined();
  });

  it.each(['kube-x509-v1. is the prefix', `X509SHA256=${'ab'.repeat(32)}`, '"jti":"Fx6q9LriOtrAh7FjyMmJ5g"'])(
    'takes %s for none',
    (text) => {
      expect(findSecret([text])).toBeUndefined();
    },
  );
});

/** What no rule should ever say. */
const PLANTED = 'kube-x509-v1.planted-secret';

describe('a secret that is printed fails', () => {
  it('a test of a server in this process', async () => {
    const entry = `- issuer: {name: my-ca}\n  userValidationRules: [{expression: 'false', message: ${PLANTED}}]\n`;
    const authenticator = authenticatorOf(entry, ca.pem);
    const webhook = await startWebhook({ authenticator: () => authenticator });
    await webhook.send(reviewOf(tokenOf(alice)));
    await expect(webhook.close()).rejects.toThrow(`a secret was printed: {`);
    webhook.lines.length = 0;
    await webhook.close();
  });

  it('a test of serve, and of its audit trail', async () => {
    const place = await openWorkplace();
    place.configure(PLANTED, 'false');
    const serving = await startServe([...flagsOf(place), '--audit-log-path', place.path('audit.log')]);
    await review(freshReview(place.alice), { port: serving.port, ca: place.serving.pem });
    await eventually(() => expect(serving.entries.map(({ msg }) => msg)).toContain('decided'));
    serving.process.kill('SIGTERM');
    await expect(serving.ended).rejects.toThrow(PLANTED);
    expect(() => place.remove()).toThrow(PLANTED);
  });

  it('a test of any other command', async () => {
    await expect(run(['lint', `/${PLANTED}`])).rejects.toThrow(PLANTED);
  });
});
