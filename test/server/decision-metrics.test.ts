import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { authenticatorOf, compileText } from '../authenticators.ts';
import { type Identity, mintAuthority, mintClient } from '../pki.ts';
import { reviewOf, startWebhook, tokenOf, type Webhook } from './webhook.ts';

let ca: Identity;
let alice: Identity;
let webhook: Webhook;
let authenticator: Authenticator;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca);
});
afterEach(() => webhook.close());

const RULES = `  userValidationRules: [{expression: 'user.extra["example.org/x"][0] == "x"'}]\n`;

async function start(): Promise<void> {
  authenticator = authenticatorOf(`- issuer: {name: my-ca}\n${RULES}`, ca.pem);
  webhook = await startWebhook({ authenticator: () => authenticator });
}

const logIn = () => webhook.send(reviewOf(tokenOf(alice)));

describe('the series of decisions', () => {
  it('are those of the entry, its rules and its anchors', async () => {
    await start();
    await logIn();
    const entry = 'x509[0]/my-ca';
    expect(await webhook.count('authentication_attempts_total', { result: 'authenticated', entry })).toBe(1);
    expect(await webhook.count('rule_evaluations_total', { entry, kind: 'user', outcome: 'error' })).toBe(1);
    expect(await webhook.count('rules_failed_open_total', { entry, kind: 'user' })).toBe(1);
    const anchor = ca.certificate.fingerprint.slice(0, 16);
    expect(await webhook.count('anchor_uses_total', { entry, anchor })).toBe(1);
  });

  it('are those of the anchors of federated trust domains, too', async () => {
    const partner = await mintAuthority('partner-ca');
    const compiled = compileText(
      `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
x509:
- issuer: {certificateAuthorityFile: ca.pem}
  workload:
    profile: SPIFFE
    trustDomain: prod.example
    federatedTrustDomains: [{name: partner.example, certificateAuthorityFile: partner.pem}]
`,
      { files: { 'ca.pem': ca.pem, 'partner.pem': partner.pem } },
    );
    webhook = await startWebhook({ authenticator: () => compiled.authenticator! });
    const page = await webhook.metrics.registry.metrics();
    for (const { certificate } of [ca, partner]) {
      const labels = `{entry="x509[0]/",anchor="${certificate.fingerprint.slice(0, 16)}"}`;
      expect(page).toContain(`anchor_uses_total${labels} 0`);
      expect(page).toContain(`anchor_expiration_seconds${labels} `);
    }
  });

  it('end with the entry, so that what was configured once does not pile up', async () => {
    await start();
    await logIn();
    authenticator = authenticatorOf(`- issuer: {name: other-ca}\n`, (await mintAuthority('other-ca')).pem);
    webhook.metrics.decisions.follow(authenticator);
    const page = await webhook.metrics.registry.metrics();
    expect(page).not.toContain('my-ca');
    expect(page).toContain('anchor_uses_total{entry="x509[0]/other-ca"');
  });

  it("go on over reloads where they are the path verifier's, which begins anew", async () => {
    await start();
    await logIn();
    await logIn();
    await webhook.metrics.registry.metrics();
    authenticator = authenticatorOf(`- issuer: {name: my-ca}\n`, ca.pem);
    await logIn();
    expect(await webhook.count('path_cache_lookups_total', { result: 'hit' })).toBe(1);
    expect(await webhook.count('path_cache_lookups_total', { result: 'miss' })).toBe(2);
  });
});
