import { toKubernetesUser } from '../../src/identity/kubernetes-user.ts';
import type { UserInfo } from '../../src/identity/user-info.ts';
import type { Certificate } from '../../src/x509/certificate.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import { verifyPath } from '../../src/x509/path.ts';
import { describeVerificationFailure } from '../../src/x509/path-refusal.ts';
import { readPemBlocks } from '../../src/x509/pem.ts';
import { parseTrustBundle } from '../../src/x509/trust-bundle.ts';
import { parseLines } from './files.ts';
import { GO_SIGNATURE_CHECKS, toInstant } from './go-verify.ts';
import type { Case, Difference, Suite } from './suite.ts';

interface UserCase {
  readonly id: string;
  readonly category: string;
  readonly goVersionSensitive?: string;
  readonly now: string;
  readonly allowParsingUserUIDFromCertAuth: boolean;
  readonly leaf: string;
  readonly intermediates: readonly string[];
  readonly roots: string;
  readonly expect: Outcome;
}

interface Outcome {
  readonly outcome:
    | 'authenticated'
    | 'no-opinion'
    | 'authenticate-error'
    | 'parse-leaf-error'
    | 'parse-intermediate-error'
    | 'client-ca-error';
  readonly user?: {
    readonly username: string;
    readonly uid: string;
    readonly groups: readonly string[];
    readonly extra: Readonly<Record<string, readonly string[]>>;
  };
  readonly error?: string;
}

/** These answers were made with Go 1.27, which keeps attributes that are no strings. */
const ATTRIBUTE_VALUES = 'any';

function fromPem(pem: string): ReturnType<typeof parseCertificate> {
  return parseCertificate(readPemBlocks(pem)[0]?.bytes ?? Buffer.alloc(0), ATTRIBUTE_VALUES);
}

function authenticate(testCase: UserCase): Outcome {
  const bundle = parseTrustBundle(testCase.roots);
  if (!bundle.ok)
    return { outcome: 'client-ca-error', error: describeBundleFailure(testCase.roots, bundle.error) };
  if (testCase.leaf === '') return { outcome: 'no-opinion' };
  const leaf = fromPem(testCase.leaf);
  if (!leaf.ok) return { outcome: 'parse-leaf-error', error: leaf.error };
  const chain: Certificate[] = [leaf.certificate];
  for (const pem of testCase.intermediates) {
    const intermediate = fromPem(pem);
    if (!intermediate.ok) return { outcome: 'parse-intermediate-error', error: intermediate.error };
    chain.push(intermediate.certificate);
  }
  const verdict = verifyPath(chain, {
    anchors: bundle.bundle,
    at: toInstant(testCase.now),
    maxSignatureChecks: GO_SIGNATURE_CHECKS,
    handledExtensions: new Set(),
  });
  if (verdict.kind === 'refused') {
    return {
      outcome: 'authenticate-error',
      error: describeVerificationFailure(leaf.certificate, verdict.refusal),
    };
  }
  const result = toKubernetesUser(
    verdict.paths[0],
    testCase.allowParsingUserUIDFromCertAuth ? 'read' : 'ignored',
  );
  if (result.kind === 'invalid') return { outcome: 'authenticate-error', error: result.message };
  return result.kind === 'user'
    ? { outcome: 'authenticated', user: toJson(result.user) }
    : { outcome: 'no-opinion' };
}

function describeBundleFailure(pem: string, error: string): string {
  return pem === ''
    ? 'missing content for CA bundle "client-ca"'
    : `error loading CA bundle for "client-ca": ${error}`;
}

function toJson(user: UserInfo): NonNullable<Outcome['user']> {
  const { username, uid, groups, extra } = user;
  return { username, uid, groups, extra: Object.fromEntries(extra) };
}

function compare(got: Outcome, expected: Outcome): readonly Difference[] {
  const isAccepted = got.outcome === 'authenticated';
  const shouldBe = expected.outcome === 'authenticated';
  const [ours, theirs] = [got, expected].map(({ outcome, error }) => `${outcome} ${error ?? ''}`.trim());
  const difference = (kind: string): Difference => ({ kind, expected: theirs ?? '', got: ours ?? '' });
  if (isAccepted && !shouldBe) return [difference('wrongAccept')];
  if (!isAccepted && shouldBe) return [difference('overRefuse')];
  if (isAccepted) {
    const [our, their] = [got.user, expected.user].map((user) => JSON.stringify(user));
    return our === their ? [] : [{ kind: 'wrongUser', expected: their ?? '', got: our ?? '' }];
  }
  return ours === theirs ? [] : [difference(got.outcome === expected.outcome ? 'text' : 'outcome')];
}

/** The x509 authenticator of Kubernetes 1.36. */
export const x509User: Suite = {
  name: 'x509-user',
  failing: ['wrongAccept', 'wrongUser', 'overRefuse', 'outcome'],
  reported: ['text'],
  files: ['vectors/x509-user.jsonl'],
  *read(text): Generator<Case> {
    for (const testCase of parseLines<UserCase>(text)) {
      yield {
        id: testCase.id,
        category: testCase.category,
        features: testCase.goVersionSensitive === undefined ? [] : ['go-1.27'],
        compare: () => compare(authenticate(testCase), testCase.expect),
      };
    }
  },
};
