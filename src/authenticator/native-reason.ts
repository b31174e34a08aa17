import { describe, type RuleReason } from './reason.ts';

/** Why a user with a native client certificate is turned away: data with a stable code. */
export type NativeReason =
  | RuleReason
  | { readonly code: 'certificate/unreadable-id'; readonly problem: 'malformed' | 'too-many' }
  | {
      readonly code: 'revocation/revoked';
      readonly fingerprint: string;
      /** Whether it is the certificate itself, or an authority above it. */
      readonly role: 'leaf' | 'authority';
      /** The list's own words, or the CRL's reason code; may be empty. */
      readonly reason: string;
    }
  | { readonly code: 'revocation/stale'; readonly fingerprint: string; readonly nextUpdate: number }
  | { readonly code: 'certificate/unknown'; readonly fingerprint: string };

/**
 * The reason as its client reads it in kube-apiserver's 403: the words of the rule or the list where they have any, else what the
 * code says; no name, no fingerprint, no other part of the policy.
 */
export function describeNativeReason(reason: NativeReason): string {
  switch (reason.code) {
    case 'certificate/unreadable-id':
      return reason.problem === 'malformed'
        ? 'a credential id is not the SHA-256 of a certificate'
        : 'there are more credential ids than kube-apiserver gives';
    case 'revocation/revoked':
      if (reason.reason !== '') return reason.reason;
      return reason.role === 'leaf'
        ? 'the certificate is revoked'
        : 'an authority of the certificate is revoked';
    case 'revocation/stale':
      return "the revocation list of the certificate's issuer is out of date";
    case 'certificate/unknown':
      return 'the certificate is not in the inventory';
    case 'request/denied':
    case 'request/evaluation-error':
    case 'certificate/denied':
    case 'certificate/evaluation-error':
    case 'user/denied':
    case 'user/evaluation-error':
    case 'cel/cost-limit':
    case 'internal/fault':
      return describe(reason);
  }
}
