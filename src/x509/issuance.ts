import type { Certificate } from './certificate.ts';
import { KeyUsageBit } from './key-usage.ts';
import { type SignatureVerdict, verifySignature } from './signature.ts';

/** Whether a certificate was signed by another. */
export type IssuanceCheck = (child: Certificate, parent: Certificate) => SignatureVerdict;

const CANNOT_SIGN: SignatureVerdict = {
  ok: false,
  error: 'x509: invalid signature: parent certificate cannot sign this kind of certificate',
};

/** Checks that the parent may sign certificates, and that it signed this one. */
export function verifyIssuance(child: Certificate, parent: Certificate): SignatureVerdict {
  return maySignCertificates(parent) ? verifySignature(child, parent.publicKey) : CANNOT_SIGN;
}

/** RFC 5280 §§4.2.1.9, 4.2.1.3: versions 1 and 2 cannot say; an all-zero key usage counts as none. */
function maySignCertificates({ version, basicConstraints, keyUsage }: Certificate): boolean {
  const isAuthority = basicConstraints?.isCA ?? version < 3;
  return isAuthority && (keyUsage === 0 || (keyUsage & KeyUsageBit.keyCertSign) !== 0);
}

/**
 * Of one child; a search looks at no more candidates, and a child that is kept must not gather strangers without end.
 */
const REMEMBERED_ISSUERS = 128;

/** The same check, made once for each pair of certificates as long as the child is in use. */
export function rememberingIssuance(check: IssuanceCheck): IssuanceCheck {
  const verdicts = new WeakMap<Certificate, Map<string, SignatureVerdict>>();
  return (child, parent) => {
    const ofChild = verdicts.get(child) ?? new Map<string, SignatureVerdict>();
    const known = ofChild.get(parent.fingerprint);
    if (known !== undefined) return known;
    if (ofChild.size === 0) verdicts.set(child, ofChild);
    if (ofChild.size === REMEMBERED_ISSUERS) ofChild.clear();
    const verdict = check(child, parent);
    ofChild.set(parent.fingerprint, verdict);
    return verdict;
  };
}
