import { dirname, resolve } from 'node:path';
import type { NativePolicy } from '../../authenticator/native-policy.ts';
import { CREDENTIAL_ID } from '../../identity/kubernetes-user.ts';
import type { UserInfo } from '../../identity/user-info.ts';
import type { Certificate } from '../../x509/certificate.ts';
import { type CertificateInventory, createCertificateInventory } from '../../x509/certificate-inventory.ts';
import { toTrustBundle, type TrustBundle } from '../../x509/trust-bundle.ts';
import { readApiserverBundle } from '../apiserver-bundle.ts';
import { parseInstant } from '../dry-run/flags.ts';
import { assumeTrust, STAND_IN } from '../dry-run/native.ts';
import {
  type NativeTrial,
  outcomeOfNative,
  reasonOfNative,
  toNativeJson,
  tryChain,
  tryUser,
} from '../dry-run/native-trial.ts';
import { createStandIn } from '../dry-run/stand-in.ts';
import { rehearseNativePolicy } from '../native-policy.ts';
import { mintCaseChain, readCaseChain, type Surroundings } from './case-certificate.ts';
import type { Answer, CaseResult, FileResult } from './case-result.ts';
import { findMismatches } from './expectation.ts';
import type { NativeCase, NativeCertificate, NativeTestFile, ReviewedUser } from './policy-test-file.ts';

/** A policy, and kube-apiserver's authorities where the file names them. */
interface Judging {
  readonly policy: NativePolicy;
  readonly authorities: TrustBundle | undefined;
}

/** The policy in coverage: it has no parts of its own. */
const WHOLE = 'native policy';

const ALL_AUTHENTICATED = 'system:authenticated';

/**
 * Runs a file's cases of a NativeCertificatePolicy; its file names are relative to it.
 *
 * @throws Failure for a policy or a case that cannot be used.
 */
export async function runNativeCases(path: string, file: NativeTestFile, now: number): Promise<FileResult> {
  const fromHere = (name: string): string => resolve(dirname(path), name);
  const named = fromHere(file.nativePolicy);
  const { policy, notes } = rehearseNativePolicy(path, named);
  const authorities =
    file.certificateAuthorityFile === undefined
      ? undefined
      : readApiserverBundle(`${path}: certificateAuthorityFile`, fromHere(file.certificateAuthorityFile))
          .bundle;
  const cases: CaseResult[] = [];
  for (const nativeCase of file.cases) {
    const place = `${path}: case ${JSON.stringify(nativeCase.name)}`;
    const answer = await judgeCase(nativeCase, { policy, authorities }, { place, now, fromHere });
    cases.push({ name: nativeCase.name, answer, mismatches: findMismatches(answer, nativeCase.expect) });
  }
  const rules = [
    ['certificate', policy.certificateRules.length] as const,
    ['user', policy.userRules.length] as const,
  ];
  return { path, policy: named, parts: [{ name: WHOLE, rules }], notes, cases };
}

async function judgeCase(
  { certificate = {}, user, at: time }: NativeCase,
  { policy, authorities }: Judging,
  surroundings: Surroundings,
): Promise<Answer> {
  const { place, now } = surroundings;
  const at = time === undefined ? now : parseInstant(`${place}: at`, time);
  if (user !== undefined) {
    const fingerprint = certificate.fingerprint?.toLowerCase();
    return toAnswer(tryUser(policy, toReviewed(user, fingerprint), at), fingerprint);
  }
  if (certificate.file !== undefined) {
    const chain = readCaseChain(certificate, surroundings);
    const [leaf, ...others] = chain;
    const known = certificate.known === true ? withKnown(policy, leaf, others) : policy;
    return toAnswer(
      tryChain(known, { chain, anchors: authorities ?? assumeTrust(leaf), at }),
      leaf.fingerprint,
    );
  }
  return judgeSynthetic(certificate, policy, { place, at });
}

async function judgeSynthetic(
  { issuer = STAND_IN, serialNumber, known, ...certificate }: NativeCertificate,
  policy: NativePolicy,
  { place, at }: { readonly place: string; readonly at: number },
): Promise<Answer> {
  const standIn = await createStandIn(issuer, at);
  const chain = await mintCaseChain(certificate, standIn, {
    place,
    at,
    ...(serialNumber !== undefined && { serialNumber: BigInt(`0x${serialNumber}`) }),
  });
  const [leaf] = chain;
  const judging = known === true ? withKnown(policy, leaf, [standIn.certificate]) : policy;
  const trial = tryChain(judging, { chain, anchors: toTrustBundle([standIn.certificate]), at });
  return toAnswer(trial, leaf.fingerprint);
}

/** The policy with one certificate more in its inventory, and who may have issued it. */
function withKnown(policy: NativePolicy, leaf: Certificate, issuers: readonly Certificate[]): NativePolicy {
  const { inventory } = policy;
  const own = createCertificateInventory([leaf], issuers);
  const joined: CertificateInventory = {
    certificates: [...inventory.certificates, leaf],
    find: (fingerprint) => own.find(fingerprint) ?? inventory.find(fingerprint),
    issuersOf: (certificate) => [...own.issuersOf(certificate), ...inventory.issuersOf(certificate)],
  };
  return { ...policy, inventory: joined };
}

/** As kube-apiserver tells of a user: with the group that everybody has, and the credential id of who came with a certificate. */
function toReviewed(
  { username, uid = '', groups = [], extra = {} }: ReviewedUser,
  fingerprint: string | undefined,
): UserInfo {
  const pairs = new Map(Object.entries(extra));
  if (fingerprint !== undefined) pairs.set(CREDENTIAL_ID, [`X509SHA256=${fingerprint}`]);
  const isAll = groups.includes(ALL_AUTHENTICATED);
  return { username, uid, groups: isAll ? groups : [...groups, ALL_AUTHENTICATED], extra: pairs };
}

function toAnswer(trial: NativeTrial, fingerprint: string | undefined): Answer {
  const reason = reasonOfNative(trial);
  const isJudged = trial.kind === 'judged' && trial.verdict.outcome !== 'not-concerned';
  return {
    outcome: outcomeOfNative(trial),
    ...(reason !== undefined && { reason }),
    decision: toNativeJson(trial, fingerprint),
    ...(isJudged && { judgedBy: WHOLE }),
    steps: isJudged ? trial.verdict.steps : [],
  };
}
