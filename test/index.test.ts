import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  compile,
  decide,
  describe as describeReason,
  loadConfig,
  parseCertificate,
  REASONS,
} from '../src/index.ts';
import { mintAuthority, mintClient, NOW } from './pki.ts';

describe('the library', () => {
  it('goes from a file and a certificate to a decision', async () => {
    const ca = await mintAuthority('my-ca');
    const alice = await mintClient(ca);
    const loaded = loadConfig(
      `{"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration", "x509": [{"issuer": {"name": "my-ca", "certificateAuthority": ${JSON.stringify(ca.pem)}}}]}`,
    );
    if (loaded.kind === 'invalid') throw new Error(loaded.error);
    const compiled = compile(loaded.config, { readFile: () => Buffer.alloc(0) });
    if (compiled.kind === 'invalid') throw new Error(compiled.issues[0]?.message);
    const parsed = parseCertificate(alice.der);
    if (!parsed.ok) throw new Error(parsed.error);
    const decision = decide(compiled.authenticator, {
      chain: [parsed.certificate],
      possession: { kind: 'assumed' },
      at: NOW,
    });
    expect(decision).toMatchObject({
      outcome: 'authenticated',
      user: { username: 'alice', groups: ['dev'] },
    });
  });

  it('has a class for every reason that the documentation of the answers speaks of', () => {
    const areas = new Set(Object.keys(REASONS).map((code) => code.split('/')[0]));
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    for (const area of areas) expect(readme).toMatch(new RegExp(`\`${area}/`));
    expect(describeReason({ code: 'path/no-entry' })).toBe('no x509 entry is configured');
  });
});
