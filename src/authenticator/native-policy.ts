import type { CertificateInventory } from '../x509/certificate-inventory.ts';
import type { Revocations } from '../x509/revocation.ts';
import type { EvaluationFailurePolicy, Rule } from './authenticator.ts';

/**
 * The compiled NativeCertificatePolicy, frozen: which users that kube-apiserver itself authenticated by a client certificate are
 * turned away.
 */
export interface NativePolicy {
  readonly userRules: readonly Rule[];
  readonly evaluationFailurePolicy: EvaluationFailurePolicy;
  readonly certificateRules: readonly Rule[];
  /** What the fingerprints are of which kube-apiserver tells. */
  readonly inventory: CertificateInventory;
  readonly unknownCertificates: 'Allow' | 'Deny';
  readonly revocations: Revocations;
  /** What follows where no CRL of a known certificate's issuer is current. */
  readonly onStale: 'Deny' | 'Allow';
}
