import type { X509Entry } from '../config/types.ts';
import type { TrustBundle } from '../x509/trust-bundle.ts';
import type { Anchors } from './anchors.ts';
import { type FieldError, invalid } from './field-error.ts';

/** A trust domain of an entry, its own or a federated one, and the anchors that vouch for it. */
export interface TrustDomainAnchors {
  readonly entry: number;
  /** The field that names the trust domain. */
  readonly path: string;
  readonly trustDomain: string;
  readonly bundle: TrustBundle;
}

/** The trust domains of all entries, as far as their anchors could be read; `anchors` has those by the path of what they are for. */
export function trustDomainsOf(
  entries: readonly X509Entry[],
  anchors: ReadonlyMap<string, Anchors>,
): readonly TrustDomainAnchors[] {
  return entries.flatMap(({ workload }, entry) => {
    if (workload === undefined) return [];
    const path = `x509[${entry}].workload`;
    const own = { path: `${path}.trustDomain`, trustDomain: workload.trustDomain };
    const federated = workload.federatedTrustDomains.map(({ name }, index) => {
      const itemPath = `${path}.federatedTrustDomains[${index}]`;
      return { path: `${itemPath}.name`, trustDomain: name, bundle: anchors.get(itemPath)?.bundle };
    });
    return [{ ...own, bundle: anchors.get(`x509[${entry}].issuer`)?.bundle }, ...federated].flatMap(
      ({ bundle, ...domain }) =>
        // Of anchors that are not known nothing can be said.
        bundle === undefined || bundle.anchors.length === 0 || domain.trustDomain === ''
          ? []
          : [{ ...domain, entry, bundle }],
    );
  });
}

/**
 * Trust domains and anchors that do not belong together one to one: a trust domain has the same anchors wherever it is named, and
 * within an entry an anchor vouches for one trust domain. Else whoever has the one CA could name the other's workloads.
 */
export function findTrustDomainConflicts(domains: readonly TrustDomainAnchors[]): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, domain] of domains.entries()) {
    const earlier = domains.slice(0, index);
    const namesake = earlier.find(({ trustDomain }) => trustDomain === domain.trustDomain);
    if (namesake !== undefined && !haveSameAnchors(namesake, domain)) {
      errors.push(toError(domain, `must have the same anchors as at ${namesake.path}`));
    }
    const sharer = earlier.find(
      (other) => isOtherDomainOfEntry(other, domain) && haveCommonAnchor(other, domain),
    );
    if (sharer !== undefined) {
      errors.push(
        toError(domain, `must not have an anchor in common with the trust domain at ${sharer.path}`),
      );
    }
  }
  return errors;
}

function isOtherDomainOfEntry(other: TrustDomainAnchors, domain: TrustDomainAnchors): boolean {
  return other.entry === domain.entry && other.trustDomain !== domain.trustDomain;
}

function haveSameAnchors(one: TrustDomainAnchors, other: TrustDomainAnchors): boolean {
  const [fingerprints, others] = [fingerprintsOf(one), fingerprintsOf(other)];
  return (
    fingerprints.size === others.size && [...fingerprints].every((fingerprint) => others.has(fingerprint))
  );
}

function haveCommonAnchor(one: TrustDomainAnchors, other: TrustDomainAnchors): boolean {
  const others = fingerprintsOf(other);
  return [...fingerprintsOf(one)].some((fingerprint) => others.has(fingerprint));
}

function fingerprintsOf({ bundle }: TrustDomainAnchors): ReadonlySet<string> {
  return new Set(bundle.anchors.map(({ fingerprint }) => fingerprint));
}

function toError({ path, trustDomain }: TrustDomainAnchors, detail: string): FieldError {
  return invalid(path, trustDomain, detail);
}
