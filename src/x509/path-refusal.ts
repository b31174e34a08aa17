import type { Certificate } from './certificate.ts';
import { goQuote, goTime } from './go-text.ts';
import { commonName, organizations } from './name.ts';

/** What may be wrong with one certificate at its place in a path. */
export type CertificateFault =
  | { readonly code: 'path/unhandled-critical-extension'; readonly extensions: readonly string[] }
  | { readonly code: 'path/expired'; readonly at: number; readonly notAfter: number }
  | { readonly code: 'path/not-yet-valid'; readonly at: number; readonly notBefore: number }
  | { readonly code: 'path/not-an-authority' }
  | { readonly code: 'path/too-long'; readonly maxPathLength: number };

/** Why a signature did not lead to an authority: in Go's words, and whose key was tried. */
export interface SignatureHint {
  readonly error: string;
  readonly authority: Certificate;
}

/** Why no path was verified. `certificate` is the one at fault, where one is. */
export type PathRefusal =
  | (CertificateFault & { readonly certificate: Certificate })
  | {
      readonly code: 'path/unknown-authority';
      readonly certificate: Certificate;
      readonly hint?: SignatureHint;
    }
  | { readonly code: 'path/name-not-permitted'; readonly detail: string }
  | { readonly code: 'path/key-usage' }
  | { readonly code: 'path/policy'; readonly policyPaths: number; readonly keyUsagePaths: number }
  | { readonly code: 'path/signature-limit'; readonly maxSignatureChecks: number };

const UNKNOWN_AUTHORITY = 'x509: certificate signed by unknown authority';

const NAME_NOT_PERMITTED = 'x509: a root or intermediate certificate is not authorized to sign for this name';

/** The refusal as Go's crypto/x509 words it, without anybody's name but an authority's. */
export function describePathRefusalWithoutNames(refusal: PathRefusal): string {
  switch (refusal.code) {
    case 'path/name-not-permitted':
      return NAME_NOT_PERMITTED;
    case 'path/unknown-authority':
      return isAuthority(refusal.hint?.authority) ? describePathRefusal(refusal) : UNKNOWN_AUTHORITY;
    case 'path/unhandled-critical-extension':
    case 'path/expired':
    case 'path/not-yet-valid':
    case 'path/not-an-authority':
    case 'path/too-long':
    case 'path/key-usage':
    case 'path/policy':
    case 'path/signature-limit':
      return describePathRefusal(refusal);
  }
}

/** A certificate of somebody's that was tried as an authority's is none. */
function isAuthority(certificate: Certificate | undefined): boolean {
  return certificate?.basicConstraints?.isCA === true;
}

/** The refusal as Go's crypto/x509 words it. */
export function describePathRefusal(refusal: PathRefusal): string {
  switch (refusal.code) {
    case 'path/unhandled-critical-extension':
      return 'x509: unhandled critical extension';
    case 'path/expired':
      return describeValidity(refusal.at, `is after ${goTime(refusal.notAfter)}`);
    case 'path/not-yet-valid':
      return describeValidity(refusal.at, `is before ${goTime(refusal.notBefore)}`);
    case 'path/not-an-authority':
      return 'x509: certificate is not authorized to sign other certificates';
    case 'path/too-long':
      return 'x509: too many intermediates for path length constraint';
    case 'path/unknown-authority':
      return `${UNKNOWN_AUTHORITY}${describeHint(refusal.hint)}`;
    case 'path/name-not-permitted':
      return `${NAME_NOT_PERMITTED}: ${refusal.detail}`;
    case 'path/key-usage':
      return 'x509: certificate specifies an incompatible key usage';
    case 'path/policy':
      return `x509: no valid chains built: ${describeCounts(refusal.keyUsagePaths, refusal.policyPaths)}`;
    case 'path/signature-limit':
      return 'x509: signature check attempts limit reached while verifying certificate chain';
  }
}

function describeValidity(at: number, relation: string): string {
  return `x509: certificate has expired or is not yet valid: current time ${goTime(at)} ${relation}`;
}

function describeHint(hint: SignatureHint | undefined): string {
  if (hint === undefined) return '';
  const { error, authority } = hint;
  const name =
    commonName(authority.subject) ||
    (organizations(authority.subject)[0] ?? `serial:${authority.serialNumber}`);
  const [reason, candidate] = [goQuote(error), goQuote(name)];
  return ` (possibly because of ${reason} while trying to verify candidate authority certificate ${candidate})`;
}

function describeCounts(keyUsagePaths: number, policyPaths: number): string {
  const policies = `${policyPaths} candidate chains with invalid policies`;
  return keyUsagePaths === 0
    ? policies
    : `${keyUsagePaths} candidate chains with incompatible key usage, ${policies}`;
}

/**
 * The refusal with the certificate it is about, as kube-apiserver words it: `verifying certificate SN=…, SKID=…,
 * AKID=… failed: x509: …`.
 */
export function describeVerificationFailure(leaf: Certificate, refusal: PathRefusal): string {
  const serialNumber = `SN=${leaf.serialNumber}`;
  const keyIds = `SKID=${colonHex(leaf.subjectKeyId)}, AKID=${colonHex(leaf.authorityKeyId)}`;
  return `verifying certificate ${serialNumber}, ${keyIds} failed: ${describePathRefusal(refusal)}`;
}

function colonHex(bytes: Buffer): string {
  return Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(':');
}
