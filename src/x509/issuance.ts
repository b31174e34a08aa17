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

/** Whether a certificate is an authority at all. RFC 5280 §§4.2.1.9, 4.2.1.3: versions 1 and 2 cannot say; an all-zero key usage counts as none. */
export function maySignCertificates({ version, basicConstraints, keyUsage }: Certificate): boolean {
  const isAuthority = basicConstraints?.isCA ?? version < 3;
  return isAuthority && (keyUsage === 0 || (keyUsage & KeyUsageBit.keyCertSign) !== 0);
}

/** Verdicts on who issued a certificate, by the fingerprint of the issuer. */
export type IssuerVerdicts = Map<string, SignatureVerdict>;

/**
 * Of one certificate: a search looks at no more candidates, and what is kept must not gather strangers without end.
 */
const MAX_ISSUER_VERDICTS = 128;

/** The same check, made once for each pair: `verdictsOf` says where the verdicts on a certificate are kept. */
export function rememberingIssuance(
  check: IssuanceCheck,
  verdictsOf: (child: Certificate) => IssuerVerdicts,
): IssuanceCheck {
  return (child, parent) => {
    const verdicts = verdictsOf(child);
    const remembered = verdicts.get(parent.fingerprint);
    if (remembered !== undefined) return remembered;
    if (verdicts.size === MAX_ISSUER_VERDICTS) verdicts.clear();
    const verdict = check(child, parent);
    verdicts.set(parent.fingerprint, verdict);
    return verdict;
  };
}

/** A place for verdicts that lasts as long as one verification. */
export function createIssuerVerdicts(): (child: Certificate) => IssuerVerdicts {
  const ofChildren = new Map<Certificate, IssuerVerdicts>();
  return (child) => {
    const verdicts = ofChildren.get(child) ?? new Map<string, SignatureVerdict>();
    ofChildren.set(child, verdicts);
    return verdicts;
  };
}
