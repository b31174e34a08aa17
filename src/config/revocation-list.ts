/**
 * A certificate by its serial number (lower-case hex without leading zeros) and its issuer: either by the common name of the
 * issuing certificate, or by its key identifier (lower-case hex).
 */
export type RevokedSerial = { readonly serial: string; readonly reason: string } & (
  | { readonly issuerName: string }
  | { readonly issuerKeyId: string }
);

/** Certificates by a SHA-256 in lower-case hex. */
export interface RevokedHash {
  readonly sha256: string;
  readonly reason: string;
}

/** The RevocationList file after strict decoding: all that is revoked, with a reason for each, empty where none is given. */
export interface RevocationList {
  readonly serials: readonly RevokedSerial[];
  /** Of a certificate's DER. */
  readonly fingerprints: readonly RevokedHash[];
  /** Of a SubjectPublicKeyInfo. */
  readonly publicKeys: readonly RevokedHash[];
}
