import type { Span } from './issue.ts';

/** A CEL rule: the expression that must be true, and what to say when it is not. Unset strings are empty. */
export interface ValidationRule {
  readonly expression: string;
  readonly message: string;
}

/** Anchors: as PEM, or a file of them. Unset strings are empty. */
export interface AnchorsSource {
  readonly certificateAuthority: string;
  readonly certificateAuthorityFile: string;
}

/** Which certificates an entry is for, and what they must chain to. */
export interface X509Issuer extends AnchorsSource {
  readonly name: string;
}

/** An expression over the certificate; empty where it is unset. */
export interface CertificateExpression {
  readonly expression: string;
}

/** How a certificate becomes a user, by expressions over it. */
export interface CertificateMappings {
  readonly username: CertificateExpression;
  readonly groups: CertificateExpression;
  readonly uid: CertificateExpression;
  readonly extra: readonly ExtraMapping[];
}

/** Another trust domain than the cluster's, and what its certificates must chain to. */
export interface FederatedTrustDomain extends AnchorsSource {
  readonly name: string;
}

/** Which workload identities are read. `profile` is as written: `validateX509` says whether it is one. Unset strings are empty. */
export interface WorkloadConfig {
  readonly profile: string;
  readonly trustDomain: string;
  readonly federatedTrustDomains: readonly FederatedTrustDomain[];
}

/** A revocation list or CRL; `issuerFile` is empty where the CRL's issuer is one of the entry's anchors. */
export interface RevocationFile {
  readonly file: string;
  readonly issuerFile: string;
}

/** Which certificates are no longer valid. `onStale` is as written: `validateX509` says whether it is a policy. */
export interface Revocation {
  readonly files: readonly RevocationFile[];
  readonly onStale: string;
}

/**
 * One `x509` entry, after defaulting. `evaluationFailurePolicy` is as written: like kube-apiserver's, the decoder
 * knows the fields and the validator their values; `validateX509` refuses what is neither `Open` nor `Closed`.
 */
export interface X509Entry {
  readonly issuer: X509Issuer;
  readonly requestValidationRules: readonly ValidationRule[];
  readonly certificateValidationRules: readonly ValidationRule[];
  /** How a certificate becomes a user: by one of these, or else by Kubernetes' own mapping. */
  readonly claimMappings?: CertificateMappings;
  readonly workload?: WorkloadConfig;
  readonly allowSystemIdentities: boolean;
  readonly userValidationRules: readonly ValidationRule[];
  readonly revocation: Revocation;
  readonly evaluationFailurePolicy: string;
  readonly session: SessionConfig;
}

/** Which session tokens an exchange gives. `native`: JWTs that kube-apiserver verifies itself. */
export interface SessionConfig {
  readonly native: boolean;
}

/** Who issues tokens. Unset strings are empty. */
export interface JwtIssuer {
  readonly url: string;
  readonly discoveryURL: string;
  readonly certificateAuthority: string;
  readonly audiences: readonly string[];
  readonly audienceMatchPolicy: string;
  readonly egressSelectorType: string;
}

/** A claim with the value it must have, or an expression over claims. */
export interface ClaimValidationRule extends ValidationRule {
  readonly claim: string;
  readonly requiredValue: string;
}

/** A claim or an expression over claims. */
export interface ClaimOrExpression {
  readonly claim: string;
  readonly expression: string;
}

/** A claim with a prefix, or an expression. An unset prefix is not an empty one. */
export interface PrefixedClaimOrExpression extends ClaimOrExpression {
  readonly prefix: string | undefined;
}

/** A key of the user's extra, and the expression that gives its values. */
export interface ExtraMapping {
  readonly key: string;
  readonly valueExpression: string;
}

/** How claims become a user. */
export interface ClaimMappings {
  readonly username: PrefixedClaimOrExpression;
  readonly groups: PrefixedClaimOrExpression;
  readonly uid: ClaimOrExpression;
  readonly extra: readonly ExtraMapping[];
}

/** One `jwt` entry: kube-apiserver's own, which is checked here and used there. */
export interface JwtAuthenticator {
  readonly issuer: JwtIssuer;
  readonly claimValidationRules: readonly ClaimValidationRule[];
  readonly claimMappings: ClaimMappings;
  readonly userValidationRules: readonly ValidationRule[];
}

/** Where requests without credentials are let in. */
export interface Anonymous {
  readonly enabled: boolean;
  readonly conditions: readonly { readonly path: string }[];
}

/** The AuthenticationConfiguration file after strict decoding and defaulting. */
export interface Config {
  readonly apiVersion: string;
  readonly jwt: readonly JwtAuthenticator[];
  readonly anonymous?: Anonymous;
  readonly x509: readonly X509Entry[];
  readonly source: ConfigSource;
}

/** Where the values of a file stand in it. */
export interface ConfigSource {
  readonly text: string;
  /** The span of the value at a field path, or of the nearest parent that is in the file. */
  locate(path: string): Span;
  /** The span, in the file, of `length` characters at a 1-based line and a 0-based column of the string value at a path. */
  locateWithin(path: string, position: { line: number; column: number; length?: number }): Span;
  /** The lines on which the field at a path, and the fields and items that it is in, begin with their keys. */
  linesOf(path: string): readonly number[];
  /** Whether a place, by line and column from 1, is within a string rather than beside the values. */
  isWithinText(line: number, column: number): boolean;
}
