import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { decide } from '../src/authenticator/decide.ts';
import { mintToken } from '../src/credential/mint-token.ts';
import { openToken, type TokenVerdict } from '../src/credential/open-token.ts';
import { createPathVerifier } from '../src/x509/path-verifier.ts';
import { authenticatorOf } from '../test/authenticators.ts';
import { type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../test/pki.ts';
import { compare, type Measurement, medianMicros } from './measurement.ts';

const AUDIENCE = 'x509.bench.example';

const ENTRIES = (pem: string): string => `- issuer:
    certificateAuthority: |
${pem.replaceAll(/^/gm, '      ')}
  userValidationRules:
  - {expression: '!user.username.startsWith("system:")', message: no system users}
  - {expression: 'user.groups.exists(g, g == "dev")', message: developers only}
`;

/**
 * The costs of a decision, from the token's characters: each beside the P-256 verifications (imported keys, ieee-p1363) and
 * key imports that it cannot do without.
 */
export async function benchDecide(): Promise<Measurement[]> {
  const root = await mintAuthority('root');
  const intermediate = await mintIntermediate(root, 'intermediate');
  const leaf = await mintClient(intermediate);
  const stranger = await mintClient(await mintIntermediate(await mintAuthority('root'), 'intermediate'));
  const chain = [leaf, intermediate] as const;
  const entries = ENTRIES(root.pem);
  const warm = authenticatorOf(entries);
  const good = tokenOf(chain);
  const bad = tokenOf(chain, 'spoiled');
  const strange = tokenOf([stranger, intermediate]);
  const leaves = await Promise.all(Array.from({ length: 200 }, () => mintClient(intermediate)));
  const fresh = leaves.map((holder) => tokenOf([holder, intermediate]));
  let turn = 0;
  const cold = () => ({ entries: warm.entries, paths: createPathVerifier() });
  let halfWarm = withIntermediate(cold(), good);

  const times = medianMicros({
    verify: bareVerify(),
    jwk: jwkImport(),
    spki: spkiImport(),
    cached: () => expect(run(good, warm), 'authenticated'),
    leafNew: () => {
      if (turn % fresh.length === 0) halfWarm = withIntermediate(cold(), good);
      expect(run(fresh[turn++ % fresh.length] ?? '', halfWarm), 'authenticated');
    },
    allNew: () => expect(run(good, cold()), 'authenticated'),
    badSignature: () => expect(run(bad, cold()), 'denied'),
    stranger: () => expect(run(strange, cold()), 'no-opinion'),
    open: () => open(good, warm.paths),
    foreign: () => open(FOREIGN, warm.paths),
  });
  const keyImport = Math.min(times.jwk, times.spki);
  return [
    compare('decide/path-cached', 'µs', { value: times.cached, baseline: times.verify }),
    compare('decide/leaf-new', 'µs', { value: times.leafNew, baseline: 2 * times.verify + keyImport }),
    compare('decide/all-new', 'µs', { value: times.allNew, baseline: 3 * times.verify + 2 * keyImport }),
    compare('decide/bad-signature', 'µs', { value: times.badSignature, baseline: times.allNew }),
    compare('decide/stranger-of-the-same-name', 'µs', { value: times.stranger, baseline: times.allNew }),
    compare('token/open', 'µs', { value: times.open, baseline: times.verify }),
    compare('token/foreign', 'µs', { value: times.foreign, baseline: times.allNew }),
  ];
}

type Bench = ReturnType<typeof authenticatorOf>;

/** As long as ours, and nobody's: what kube-apiserver forwards most. */
const FOREIGN = `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(1200)}.${'b'.repeat(342)}`;

function open(token: string, paths: Bench['paths']): TokenVerdict {
  return openToken(token, { audiences: [AUDIENCE], at: NOW, readChain: paths.readChain });
}

function run(token: string, authenticator: Bench): string {
  const opened = open(token, authenticator.paths);
  if (opened.kind !== 'opened') return opened.kind;
  return decide(authenticator, {
    chain: opened.chain,
    possession: { kind: 'signed', proof: opened.proof },
    at: NOW,
  }).outcome;
}

function withIntermediate(authenticator: Bench, token: string): Bench {
  run(token, authenticator);
  return authenticator;
}

function expect(got: string, wanted: string): void {
  if (got !== wanted) throw new Error(`the benchmark expected ${wanted} and got ${got}`);
}

function tokenOf(chain: readonly [Identity, ...Identity[]], spoiled?: 'spoiled'): string {
  const [first, ...rest] = chain.map(({ certificate }) => certificate);
  if (first === undefined) throw new Error('a chain has a leaf');
  const iat = NOW / 1000;
  const claims = { aud: AUDIENCE, iat, exp: iat + 300, jti: randomBytes(16).toString('base64url') };
  const token = mintToken({ chain: [first, ...rest], key: chain[0].key, claims }) ?? '';
  return spoiled === undefined ? token : `${token.slice(0, -86)}${randomBytes(64).toString('base64url')}`;
}

function bareVerify(): () => void {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const input = randomBytes(1024);
  const signature = sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  return () => void verify('sha256', input, key, signature);
}

function jwkImport(): () => void {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = publicKey.export({ format: 'jwk' });
  return () => void createPublicKey({ key, format: 'jwk' });
}

function spkiImport(): () => void {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = publicKey.export({ format: 'der', type: 'spki' });
  return () => void createPublicKey({ key, format: 'der', type: 'spki' });
}
