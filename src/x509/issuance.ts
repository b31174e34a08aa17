import type { Certificate } from './certificate.ts';
import { KeyUsageBit } from './key-usage.ts';
import { type SignatureVerdict, verifySignature } from './signature.ts';

/** Verdicts on who signed what, so that no pair costs two signature verifications. */
export interface IssuanceLedger {
  verdict(child: Certificate, parent: Certificate): SignatureVerdict;
}

const CANNOT_SIGN: SignatureVerdict = {
  ok: false,
  error: 'x509: invalid signature: parent certificate cannot sign this kind of certificate',
};

/** Whether the parent may sign certificates, and signed this one. */
export function verifyIssuance(child: Certificate, parent: Certificate): SignatureVerdict {
  return maySignCertificates(parent) ? verifySignature(child, parent.publicKey) : CANNOT_SIGN;
}

/** RFC 5280 §§4.2.1.9, 4.2.1.3: versions 1 and 2 cannot say; an all-zero key usage counts as none. */
function maySignCertificates(parent: Certificate): boolean {
  const { version, basicConstraints, keyUsage } = parent;
  const isAuthority = basicConstraints?.isCA ?? version < 3;
  return isAuthority && (keyUsage === 0 || (keyUsage & KeyUsageBit.keyCertSign) !== 0);
}

/** A ledger that remembers for as long as it lives. */
export function createIssuanceLedger(): IssuanceLedger {
  const verdicts = new Map<Certificate, Map<Certificate, SignatureVerdict>>();
  return {
    verdict(child, parent) {
      let ofChild = verdicts.get(child);
      if (ofChild === undefined) verdicts.set(child, (ofChild = new Map()));
      let verdict = ofChild.get(parent);
      if (verdict === undefined) ofChild.set(parent, (verdict = verifyIssuance(child, parent)));
      return verdict;
    },
  };
}
