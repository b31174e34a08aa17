import type { Certificate } from '../../x509/certificate.ts';
import type { PathVerifier } from '../../x509/path-verifier.ts';
import { anchorSetsOf } from '../anchor-sets.ts';
import type { Advice, Finding } from './advice.ts';
import { nameOf } from './anchor-health.ts';
import type { ApiserverBundle, Subject } from './subject.ts';

/** As many signatures as kube-apiserver itself checks for a chain. */
const MAX_SIGNATURE_CHECKS = 100;

/** An anchor that kube-apiserver trusts itself. */
export const apiserverClientAuthority: Advice = {
  id: 'apiserver/client-ca',
  severity: 'error',
  title: 'kube-apiserver trusts an anchor itself, and passes every rule by',
  explanation:
    "A certificate whose authority is in kube-apiserver's own --client-ca-file logs in there directly, and no webhook is asked: every rule of this file is passed by, and so is revocation. Anchors are compared by their keys, and an anchor that chains up to an authority of kube-apiserver's counts as well, since its certificates verify there when the intermediate is sent along. Use an authority of its own for the identities that are governed here, or take this one out of --client-ca-file.",
  find: (subject) =>
    findTrusted(subject, subject.surroundings.clientAuthorities, {
      flag: '--client-ca-file',
      consequence: 'its certificates log in there directly, and no rule here is asked',
    }),
};

/** An anchor that kube-apiserver takes for its front proxy's. */
export const apiserverProxyAuthority: Advice = {
  id: 'apiserver/requestheader-ca',
  severity: 'error',
  title: "an anchor is also kube-apiserver's request-header authority",
  explanation:
    'A certificate whose authority is in --requestheader-client-ca-file, and whose name is allowed there, may name any user in the headers of a request. An authority that issues certificates to users must not be trusted for that: whoever has a certificate with the right name, or any where --requestheader-allowed-names is empty, is anybody. Use another authority for the front proxy.',
  find: (subject) =>
    findTrusted(subject, subject.surroundings.proxyAuthorities, {
      flag: '--requestheader-client-ca-file',
      consequence: 'its certificates can speak for any user in request headers',
    }),
};

interface Trust {
  readonly flag: string;
  readonly consequence: string;
}

function findTrusted(
  { authenticator, surroundings: { at } }: Subject,
  theirs: ApiserverBundle | undefined,
  { flag, consequence }: Trust,
): readonly Finding[] {
  if (theirs === undefined) return [];
  return anchorSetsOf(authenticator.entries).flatMap(({ path, bundle }) =>
    bundle.anchors.flatMap((anchor) => {
      const how = howTrusted(anchor, theirs, { at, paths: authenticator.paths });
      if (how === undefined) return [];
      const message = `${path}: ${nameOf(anchor)} ${how} kube-apiserver's ${flag} (${theirs.file}): ${consequence}`;
      return [{ path, message }];
    }),
  );
}

function howTrusted(
  anchor: Certificate,
  { bundle }: ApiserverBundle,
  { at, paths }: { readonly at: number; readonly paths: PathVerifier },
): string | undefined {
  const hasKey = bundle.anchors.some(({ publicKey }) => publicKey.spki.equals(anchor.publicKey.spki));
  if (hasKey) return 'is also in';
  const requirements = {
    anchors: bundle,
    at,
    maxSignatureChecks: MAX_SIGNATURE_CHECKS,
    handledExtensions: new Set<string>(),
  };
  return paths.verify([anchor], requirements).kind === 'verified'
    ? 'chains up to an authority in'
    : undefined;
}
