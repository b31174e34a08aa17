import type { FederatedTrustDomain, WorkloadConfig } from '../config/types.ts';
import { isProfileName, profileNames } from '../identity/profile.ts';
import { findTrustDomainFault } from '../identity/spiffe-id.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  required,
  tooMany,
  unsupported,
} from './field-error.ts';
import { validateOwnAnchors } from './validate-anchors-source.ts';
import type { X509Checks } from './x509-checks.ts';

/** Each may cost a stranger's chain another search for a path. */
const MAX_FEDERATED = 64;

const NOT_A_TRUST_DOMAIN =
  'must be 1 to 255 characters of a-z, 0-9, ".", "-" and "_", without a scheme and without empty labels';

/** Which workload identities an entry reads. That the entry has anchors of its own is its issuer's concern. */
export function validateWorkload(
  path: string,
  workload: WorkloadConfig,
  readAnchors: X509Checks['readAnchors'],
): readonly FieldError[] {
  const { profile, trustDomain, federatedTrustDomains } = workload;
  return [
    ...validateProfile(`${path}.profile`, profile),
    ...(trustDomain === '' && profile !== 'SPIFFE'
      ? []
      : validateTrustDomain(`${path}.trustDomain`, trustDomain)),
    ...(federatedTrustDomains.length > 0 && profile !== 'SPIFFE'
      ? [forbidden(`${path}.federatedTrustDomains`, 'may only be set with the profile SPIFFE')]
      : validateFederated(`${path}.federatedTrustDomains`, workload, readAnchors)),
  ];
}

function validateProfile(path: string, profile: string): readonly FieldError[] {
  if (profile === '') return [required(path)];
  return isProfileName(profile) ? [] : [unsupported(path, profile, profileNames)];
}

function validateTrustDomain(path: string, name: string): readonly FieldError[] {
  if (name === '') return [required(path)];
  return findTrustDomainFault(name) === undefined ? [] : [invalid(path, name, NOT_A_TRUST_DOMAIN)];
}

function validateFederated(
  path: string,
  { trustDomain, federatedTrustDomains }: WorkloadConfig,
  readAnchors: X509Checks['readAnchors'],
): readonly FieldError[] {
  const count = federatedTrustDomains.length;
  if (count > MAX_FEDERATED) return [tooMany(path, count, MAX_FEDERATED)];
  const seen = new Set([trustDomain]);
  return federatedTrustDomains.flatMap((domain, index) => {
    const itemPath = `${path}[${index}]`;
    const isKnown = seen.has(domain.name);
    seen.add(domain.name);
    const name = isKnown && domain.name !== '' ? [duplicate(`${itemPath}.name`, domain.name)] : [];
    return [
      ...(name.length > 0 ? name : validateTrustDomain(`${itemPath}.name`, domain.name)),
      ...validateFederatedAnchors(itemPath, domain, readAnchors),
    ];
  });
}

function validateFederatedAnchors(
  path: string,
  domain: FederatedTrustDomain,
  readAnchors: X509Checks['readAnchors'],
): readonly FieldError[] {
  const errors = validateOwnAnchors(path, domain, 'for a federated trust domain');
  if (errors.length > 0) return errors;
  const error = readAnchors(path, domain);
  return error === undefined ? [] : [error];
}
