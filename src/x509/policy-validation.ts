import type { Certificate } from './certificate.ts';
import type { PolicyExtensions } from './certificate-policies.ts';

/** The contents of anyPolicy, 2.5.29.32.0, as certificate-policies.ts keeps them. */
const ANY_POLICY = Buffer.from([0x55, 0x1d, 0x20, 0x00]).toString('latin1');

/**
 * One level of the valid_policy_graph: the policies that are valid so far, each with those that the next certificate
 * may name for it. No more of the graph than its last level is needed where the caller accepts any policy: it holds a
 * valid policy as long as that level is not empty.
 */
type Level = Map<string, readonly string[]>;

/** How many more certificates may pass until each takes effect (RFC 5280 §6.1.2 (d), (e), (f)). */
interface Countdowns {
  explicitPolicy: number;
  policyMapping: number;
  inhibitAnyPolicy: number;
}

/** A certificate at its place in a path. */
interface Position {
  readonly certificate: Certificate;
  readonly isLeaf: boolean;
  readonly isSelfIssued: boolean;
}

/**
 * Validates the certificate policies of a path, leaf first, by RFC 5280 §6.1 with the changes of RFC 9618, for a
 * caller who accepts any policy and demands none. The anchor's own policies do not count.
 */
export function arePoliciesValid(path: readonly Certificate[]): boolean {
  const certificates = path.slice(0, -1);
  const unlimited = certificates.length + 1;
  const countdowns: Countdowns = {
    explicitPolicy: unlimited,
    policyMapping: unlimited,
    inhibitAnyPolicy: unlimited,
  };
  let level: Level | undefined = new Map([[ANY_POLICY, [ANY_POLICY]]]);
  for (const [index, certificate] of [...certificates.entries()].reverse()) {
    const isSelfIssued = certificate.issuer.der.equals(certificate.subject.der);
    const position: Position = { certificate, isLeaf: index === 0, isSelfIssued };
    // §6.1.3 (e), (f)
    level = certificate.policies.policies.length === 0 ? undefined : level;
    if (level === undefined && countdowns.explicitPolicy === 0) return false;
    level = level === undefined ? undefined : nextLevel(level, position, countdowns);
    if (position.isLeaf) break;
    if (level !== undefined && !applyMappings(level, certificate.policies, countdowns)) return false;
    countDown(countdowns, position);
  }
  // §6.1.5 (a), (b)
  const isExplicit = countdowns.explicitPolicy <= 1 || path[0]?.policies.requireExplicitPolicy === 0;
  const hasPolicy = level !== undefined && level.size > 0;
  return path.length === 1 || !isExplicit || hasPolicy;
}

/** §6.1.3 (d) */
function nextLevel(level: Level, position: Position, countdowns: Countdowns): Level {
  const { policies } = position.certificate.policies;
  const expected = new Set([...level.values()].flat());
  const next: Level = new Map();
  for (const policy of policies) {
    const isValid = expected.has(policy) || level.has(ANY_POLICY);
    if (policy !== ANY_POLICY && isValid) next.set(policy, [policy]);
  }
  const mayBeAny = countdowns.inhibitAnyPolicy > 0 || (!position.isLeaf && position.isSelfIssued);
  if (policies.includes(ANY_POLICY) && mayBeAny) {
    for (const policy of expected) next.set(policy, [policy]);
  }
  return next;
}

/** §6.1.4 (a), (b); false where anyPolicy is mapped. */
function applyMappings(level: Level, { policyMappings }: PolicyExtensions, countdowns: Countdowns): boolean {
  const mapped = new Map<string, string[]>();
  for (const { issuerDomainPolicy, subjectDomainPolicy } of policyMappings) {
    if (countdowns.policyMapping === 0) {
      level.delete(issuerDomainPolicy);
      continue;
    }
    if (issuerDomainPolicy === ANY_POLICY || subjectDomainPolicy === ANY_POLICY) return false;
    mapped.set(issuerDomainPolicy, [...(mapped.get(issuerDomainPolicy) ?? []), subjectDomainPolicy]);
  }
  for (const [policy, subjectPolicies] of mapped) {
    if (level.has(policy) || level.has(ANY_POLICY)) level.set(policy, subjectPolicies);
  }
  return true;
}

/** §6.1.4 (h), (i), (j) */
function countDown(countdowns: Countdowns, { certificate, isSelfIssued }: Position): void {
  const { requireExplicitPolicy, inhibitPolicyMapping, inhibitAnyPolicy } = certificate.policies;
  const step = isSelfIssued ? 0 : 1;
  const after = (count: number, limit: number = Number.POSITIVE_INFINITY): number =>
    Math.min(Math.max(count - step, 0), limit);
  countdowns.explicitPolicy = after(countdowns.explicitPolicy, requireExplicitPolicy);
  countdowns.policyMapping = after(countdowns.policyMapping, inhibitPolicyMapping);
  countdowns.inhibitAnyPolicy = after(countdowns.inhibitAnyPolicy, inhibitAnyPolicy);
}
