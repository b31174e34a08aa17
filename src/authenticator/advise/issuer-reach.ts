import { maySignCertificates } from '../../x509/issuance.ts';
import type { Certificate } from '../../x509/certificate.ts';
import { commonName } from '../../x509/name.ts';
import type { VerifiedPath } from '../../x509/path.ts';
import type { Entry } from '../authenticator.ts';
import type { Subject } from './subject.ts';

/** kube-apiserver's own number. */
const MAX_SIGNATURE_CHECKS = 100;

/** The first entry that takes a certificate of an issuer: sent without intermediates, and with all that are known. */
export interface Takers {
  readonly bare: Entry | undefined;
  readonly full: Entry | undefined;
  /** An entry after the first whose anchors have another certificate of the issuer's key. */
  readonly second: Entry | undefined;
}

/**
 * Which entries take the certificates of an issuer, as the path verifier finds it for the issuer itself: what verifies up to an
 * anchor with it as a leaf, verifies with a leaf below it.
 */
export function entriesTaking(
  issuer: Certificate,
  known: readonly Certificate[],
  { authenticator, surroundings: { at } }: Subject,
): Takers {
  if (!maySignCertificates(issuer)) return { bare: undefined, full: undefined, second: undefined };
  const { entries, paths } = authenticator;
  const pathsTo = (entry: Entry, chain: readonly Certificate[]): readonly VerifiedPath[] => {
    const handledExtensions = new Set<string>();
    const requirements = {
      anchors: entry.anchors,
      at,
      maxSignatureChecks: MAX_SIGNATURE_CHECKS,
      handledExtensions,
    };
    const verdict = paths.verify(chain, requirements);
    return verdict.kind === 'verified' ? verdict.paths : [];
  };
  const others = known.filter((certificate) => certificate !== issuer);
  const [bare, ...further] = entries.filter(
    (entry) => isNameRight(entry, issuer) && isAnchorOf(entry, issuer),
  );
  return {
    bare,
    second: further.find(
      (entry) => bare?.anchors.pool.has(issuer) === true && !entry.anchors.pool.has(issuer),
    ),
    full: entries.find(
      (entry) =>
        isNameRight(entry, issuer) &&
        (isAnchorOf(entry, issuer) ||
          (entry.anchorsOf === 'entry' &&
            pathsTo(entry, [issuer, ...others]).some((path) => allowsLeaf(path)))),
    ),
  };
}

function isNameRight({ issuerName }: Entry, issuer: Certificate): boolean {
  return issuerName === '' || issuerName === commonName(issuer.subject);
}

/** By name and key: a leaf tells no more of its issuer. */
function isAnchorOf({ anchors }: Entry, { subject, publicKey }: Certificate): boolean {
  return anchors.anchors.some(
    (anchor) => anchor.subject.der.equals(subject.der) && anchor.publicKey.spki.equals(publicKey.spki),
  );
}

/** Whether there is room for one more certificate below a path (RFC 5280 §4.2.1.9). */
function allowsLeaf({ certificates }: VerifiedPath): boolean {
  return certificates.every(({ basicConstraints }, below) => {
    const most = basicConstraints?.maxPathLength;
    return most === undefined || most >= below;
  });
}
