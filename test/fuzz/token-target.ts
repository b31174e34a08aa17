import { mintToken } from '../../src/credential/mint-token.ts';
import { type ChainReader, openToken } from '../../src/credential/open-token.ts';
import { toPem } from '../../src/x509/pem.ts';
import { isSignedBy, type JwsAlgorithm, jwsAlgorithms, signJws } from '../../src/x509/jws.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import { createPathVerifier } from '../../src/x509/path-verifier.ts';
import { parseTrustBundle } from '../../src/x509/trust-bundle.ts';
import { type Corpus, MAX_SIGNATURE_CHECKS, NOW, type Sample, signAgain } from './corpus.ts';
import { mutateDer, mutateText } from './mutate.ts';
import type { Random } from './random.ts';
import type { Target } from './target.ts';

const AUDIENCE = 'x509.fuzz.example';

const ALGORITHMS: readonly JwsAlgorithm[] = ['ES256', 'ES384', 'ES512', 'PS256', 'RS256', 'EdDSA'];

/** A bearer token, from its characters to its signature; and the PEM of the anchors. */
export function tokenTarget(corpus: Corpus): Target {
  const { root, authorities, leaves } = corpus;
  const [authority = root] = authorities;
  const donors = [...authorities, ...leaves].map(({ der }) => der);
  const anchors = Buffer.from(toPem(root.der, 'CERTIFICATE'));
  return {
    name: 'token',
    generate(random) {
      const leaf = random.pick(leaves);
      const change = (sample: Sample, signer: Sample): Buffer =>
        random.oneIn(2) ? sample.der : signAgain(mutateDer(sample.der, random, donors), signer.key);
      const token = random.oneIn(3)
        ? mutateText(validToken(leaf, authority), random)
        : strangeToken(leaf, [change(leaf, authority), change(authority, root)], random);
      return [Buffer.from(token), anchors];
    },
    run([token = Buffer.alloc(0), pem = Buffer.alloc(0)]) {
      const anchors = parseTrustBundle(pem.toString());
      if (!anchors.ok) return 'the anchors do not parse';
      const paths = createPathVerifier();
      const readChain: ChainReader = (ders) => paths.readChain(ders);
      const opened = openToken(token.toString(), { audiences: [AUDIENCE], at: NOW, readChain });
      if (opened.kind !== 'opened') return undefined;
      const { chain, proof } = opened;
      const requirements = {
        anchors: anchors.bundle,
        at: NOW,
        maxSignatureChecks: MAX_SIGNATURE_CHECKS,
        handledExtensions: new Set<string>(),
      };
      const verdict = paths.verify(chain, requirements);
      const again = paths.verify(chain, requirements);
      if (again.kind !== verdict.kind) return `${verdict.kind} at first, and ${again.kind} from the cache`;
      if (verdict.kind === 'verified') isSignedBy(chain[0].publicKey, proof);
      return undefined;
    },
  };
}

function validToken(leaf: Sample, authority: Sample): string {
  const [first, second] = [leaf, authority].map(({ der }) => parseCertificate(der));
  if (first?.ok !== true || second?.ok !== true) throw new Error('the corpus does not parse');
  const chain = [first.certificate, second.certificate] as const;
  return mintToken({ chain, key: leaf.key, claims: claims() }) ?? '';
}

/** A token of any header and claims, and with a signature that may be right. */
function strangeToken(leaf: Sample, chain: readonly Buffer[], random: Random): string {
  const [right = 'ES256'] = algorithmsOf(leaf);
  const algorithm = random.oneIn(4) ? random.pick(ALGORITHMS) : right;
  const x5c = chain.map((der) => der.toString('base64'));
  const header = oddly(
    { typ: 'kube-x509+jwt', alg: algorithm, x5c: random.oneIn(9) ? [...x5c, ...x5c, ...x5c] : x5c },
    random,
  );
  const payload = oddly(claims(), random);
  const input = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const signature = random.oneIn(4) ? random.bytes(64) : signJws(leaf.key, right, Buffer.from(input));
  return `kube-x509-v1.${input}.${signature.toString('base64url')}`;
}

function algorithmsOf(leaf: Sample): readonly JwsAlgorithm[] {
  const parsed = parseCertificate(leaf.der);
  return parsed.ok ? jwsAlgorithms(parsed.certificate.publicKey) : [];
}

/** JSON of an object, one time in three with a field that is not as it should be, or with its text damaged. */
function oddly(fields: Readonly<Record<string, unknown>>, random: Random): string {
  if (!random.oneIn(3)) return JSON.stringify(fields);
  if (random.oneIn(3)) return mutateText(JSON.stringify(fields), random);
  const values: readonly unknown[] = [
    null,
    0,
    -1,
    1e300,
    '',
    'none',
    [],
    [[]],
    {},
    true,
    ['x'],
    '__proto__',
    NOW,
  ];
  const names = [...Object.keys(fields), 'kid', 'crit', 'b64', '__proto__', 'nbf'];
  return JSON.stringify({ ...fields, [random.pick(names)]: random.pick(values) });
}

function claims(): {
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
} {
  return { aud: AUDIENCE, iat: NOW / 1000, exp: NOW / 1000 + 300, jti: 'x' };
}
