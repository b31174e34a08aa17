import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { parseCertificate } from '../src/x509/parse-certificate.ts';
import type { PathVerdict } from '../src/x509/path.ts';
import { createPathVerifier, type PathVerifier } from '../src/x509/path-verifier.ts';
import { toTrustBundle } from '../src/x509/trust-bundle.ts';
import { type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../test/pki.ts';
import { compare, type Measurement, medianMicros } from './measurement.ts';

/** What a token's chain may cost. */
const MAX_SIGNATURE_CHECKS = 16;

/** Verifiers that keep nothing, or authorities alone, so that the same chain is new every time. */
const KEEPS_NOTHING = { leaves: 0, authorities: 0, presentedCertificates: 16 };
const KEEPS_AUTHORITIES = { ...KEEPS_NOTHING, authorities: 16 };

/**
 * The costs of a presented chain, leaf ← intermediate ← root, all P-256: from its DER to a verdict and to the leaf's
 * key, ready for the token's signature. Each is held against the bare verifications and key imports of node:crypto
 * that it cannot do without.
 */
export async function benchX509(): Promise<Measurement[]> {
  const root = await mintAuthority('root');
  const intermediate = await mintIntermediate(root, 'intermediate');
  const leaf = await mintClient(intermediate);
  const impostor = await mintIntermediate(await mintAuthority('root'), 'intermediate');
  const stranger = await mintClient(impostor);
  const anchors = toTrustBundle([root.certificate]);
  const chain = dersOf(leaf, intermediate);
  const cached = createPathVerifier();
  const halfCached = createPathVerifier(KEEPS_AUTHORITIES);
  const uncached = createPathVerifier(KEEPS_NOTHING);
  const run = (verifier: PathVerifier, ders: readonly Buffer[], wanted: PathVerdict['kind']): void => {
    const result = verifier.readChain(ders);
    if (!result.ok) throw new Error(result.error);
    const handledExtensions = new Set<string>();
    const requirements = { anchors, at: NOW, maxSignatureChecks: MAX_SIGNATURE_CHECKS, handledExtensions };
    const verdict = verifier.verify(result.chain, requirements);
    if (verdict.kind !== wanted) throw new Error(`the benchmark expected ${wanted}, not ${verdict.kind}`);
    const key = result.chain[0]?.publicKey;
    if (wanted === 'verified' && key !== undefined && 'keyObject' in key) key.keyObject();
  };
  const times = medianMicros({
    verify: bareVerify(),
    jwk: bareImport('jwk'),
    spki: bareImport('spki'),
    parse: () => void parseCertificate(leaf.der),
    cached: () => run(cached, chain, 'verified'),
    leafNew: () => run(halfCached, chain, 'verified'),
    allNew: () => run(uncached, chain, 'verified'),
    stranger: () => run(uncached, dersOf(stranger, impostor), 'refused'),
  });
  const keyImport = Math.min(times.jwk, times.spki);
  return [
    compare('x509/parse', 'µs', { value: times.parse, baseline: keyImport }),
    compare('x509/chain-cached', 'µs', { value: times.cached, baseline: times.verify }),
    compare('x509/leaf-new', 'µs', { value: times.leafNew, baseline: times.verify + keyImport }),
    compare('x509/chain-new', 'µs', { value: times.allNew, baseline: 2 * (times.verify + keyImport) }),
    compare('x509/stranger-of-the-same-name', 'µs', { value: times.stranger, baseline: times.allNew }),
  ];
}

function dersOf(...identities: readonly Identity[]): readonly Buffer[] {
  return identities.map(({ der }) => der);
}

function bareVerify(): () => void {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const input = randomBytes(400);
  const signature = sign('sha256', input, privateKey);
  return () => void verify('sha256', input, publicKey, signature);
}

function bareImport(form: 'jwk' | 'spki'): () => void {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (form === 'jwk') {
    const key = publicKey.export({ format: 'jwk' });
    return () => void createPublicKey({ key, format: 'jwk' });
  }
  const key = publicKey.export({ format: 'der', type: 'spki' });
  return () => void createPublicKey({ key, format: 'der', type: 'spki' });
}
