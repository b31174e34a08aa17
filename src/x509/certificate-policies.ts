import { contextTag, DerReader, MalformedError, Tag } from './der.ts';
import { limits } from './limits.ts';
import { readOpaqueObjectIdentifier } from './object-identifier.ts';

/** A pair of a PolicyMappings extension. */
export interface PolicyMapping {
  readonly issuerDomainPolicy: string;
  readonly subjectDomainPolicy: string;
}

/**
 * What a certificate says on policies (RFC 5280 §§4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14); policies are opaque keys.
 */
export interface PolicyExtensions {
  readonly policies: readonly string[];
  readonly policyMappings: readonly PolicyMapping[];
  readonly requireExplicitPolicy?: number;
  readonly inhibitPolicyMapping?: number;
  readonly inhibitAnyPolicy?: number;
}

/** Parses CertificatePolicies; qualifiers are not read. */
export function parseCertificatePolicies(value: Buffer): readonly string[] {
  const failure = 'x509: invalid certificate policies';
  const policies = new Set<string>();
  const sequence = new DerReader(value).read(Tag.sequence, failure);
  while (!sequence.isEmpty()) {
    const policy = readOpaqueObjectIdentifier(sequence.read(Tag.sequence, failure), failure);
    // RFC 5280 §4.2.1.4: a policy must not appear more than once.
    if (policies.has(policy) || policies.size === limits.policies) throw new MalformedError(failure);
    policies.add(policy);
  }
  return [...policies];
}

/** Parses PolicyMappings. */
export function parsePolicyMappings(value: Buffer): readonly PolicyMapping[] {
  const failure = 'x509: invalid policy mappings extension';
  const mappings: PolicyMapping[] = [];
  const sequence = new DerReader(value).read(Tag.sequence, failure);
  while (!sequence.isEmpty()) {
    const mapping = sequence.read(Tag.sequence, failure);
    mappings.push({
      issuerDomainPolicy: mapping.readContents(Tag.objectIdentifier, failure).toString('latin1'),
      subjectDomainPolicy: mapping.readContents(Tag.objectIdentifier, failure).toString('latin1'),
    });
    if (mappings.length > limits.policies) throw new MalformedError(failure);
  }
  return mappings;
}

/** Parses PolicyConstraints: how many more certificates may pass before each takes effect. */
export function parsePolicyConstraints(
  value: Buffer,
): Pick<PolicyExtensions, 'requireExplicitPolicy' | 'inhibitPolicyMapping'> {
  const failure = 'x509: invalid policy constraints extension';
  const sequence = new DerReader(value).read(Tag.sequence, failure);
  const counts = [0, 1].map((field) =>
    sequence.isNext(contextTag(field)) ? sequence.readSmallInteger(failure, contextTag(field)) : undefined,
  );
  return {
    ...(isCount(counts[0]) ? { requireExplicitPolicy: counts[0] } : {}),
    ...(isCount(counts[1]) ? { inhibitPolicyMapping: counts[1] } : {}),
  };
}

/** Parses InhibitAnyPolicy. */
export function parseInhibitAnyPolicy(value: Buffer): Pick<PolicyExtensions, 'inhibitAnyPolicy'> {
  const count = new DerReader(value).readSmallInteger('x509: invalid inhibit any policy extension');
  return isCount(count) ? { inhibitAnyPolicy: count } : {};
}

/** A negative count has no meaning; Go lets it parse and have no effect. */
function isCount(count: number | undefined): count is number {
  return count !== undefined && count >= 0;
}
