import { parseBasicConstraints } from './basic-constraints.ts';
import type { Certificate, Extension } from './certificate.ts';
import {
  parseCertificatePolicies,
  parseInhibitAnyPolicy,
  parsePolicyConstraints,
  parsePolicyMappings,
} from './certificate-policies.ts';
import { ExtensionId } from './extension.ts';
import { parseAuthorityKeyIdentifier, parseSubjectKeyIdentifier } from './key-identifier.ts';
import { parseExtendedKeyUsages, parseKeyUsage } from './key-usage.ts';
import { parseNameConstraints } from './name-constraints-extension.ts';
import { parseSubjectAlternativeNames } from './subject-alternative-name.ts';
import { checkAuthorityInformationAccess, checkDistributionPoints } from './unused-extension.ts';

/** The fields of a certificate that its extensions give. */
export type ExtensionFields = Pick<
  Certificate,
  | 'unhandledCriticalExtensions'
  | 'basicConstraints'
  | 'keyUsage'
  | 'extKeyUsages'
  | 'subjectKeyId'
  | 'authorityKeyId'
  | 'dnsNames'
  | 'emailAddresses'
  | 'uris'
  | 'ipAddresses'
  | 'nameConstraints'
  | 'policies'
>;

type MutableFields = { -readonly [field in keyof ExtensionFields]: ExtensionFields[field] };

/** Interprets extensions, in their order; critical ones that stay without effect are listed as unhandled. */
export function interpretExtensions(extensions: readonly Extension[]): ExtensionFields {
  const fields: MutableFields = {
    unhandledCriticalExtensions: [],
    keyUsage: 0,
    extKeyUsages: [],
    subjectKeyId: Buffer.alloc(0),
    authorityKeyId: Buffer.alloc(0),
    dnsNames: [],
    emailAddresses: [],
    uris: [],
    ipAddresses: [],
    policies: { policies: [], policyMappings: [] },
  };
  const unhandled: string[] = [];
  for (const extension of extensions) {
    const isHandled = interpret(extension, fields);
    if (extension.critical && !isHandled) unhandled.push(extension.id);
  }
  return { ...fields, unhandledCriticalExtensions: unhandled };
}

/** Reads one extension into the fields; false where it is not understood, or not wholly. */
function interpret(extension: Extension, fields: MutableFields): boolean {
  const { id, value } = extension;
  switch (id) {
    case ExtensionId.keyUsage:
      fields.keyUsage = parseKeyUsage(value);
      return true;
    case ExtensionId.basicConstraints:
      fields.basicConstraints = parseBasicConstraints(value);
      return true;
    case ExtensionId.subjectAlternativeName: {
      const names = parseSubjectAlternativeNames(value);
      Object.assign(fields, names);
      // With none of a kind that is understood, the extension as a whole is not.
      return Object.values(names).some((list) => list.length > 0);
    }
    case ExtensionId.nameConstraints:
      fields.nameConstraints = parseNameConstraints(value);
      return !fields.nameConstraints.hasUnsupported;
    case ExtensionId.extendedKeyUsage:
      fields.extKeyUsages = parseExtendedKeyUsages(value);
      return true;
    case ExtensionId.subjectKeyIdentifier:
      fields.subjectKeyId = parseSubjectKeyIdentifier(extension);
      return true;
    case ExtensionId.authorityKeyIdentifier:
      fields.authorityKeyId = parseAuthorityKeyIdentifier(extension);
      return true;
    case ExtensionId.crlDistributionPoints:
      checkDistributionPoints(value);
      return true;
    case ExtensionId.authorityInformationAccess:
      checkAuthorityInformationAccess(extension);
      return true;
    default:
      return interpretPolicies(extension, fields);
  }
}

function interpretPolicies({ id, value }: Extension, fields: MutableFields): boolean {
  switch (id) {
    case ExtensionId.certificatePolicies:
      fields.policies = { ...fields.policies, policies: parseCertificatePolicies(value) };
      return true;
    case ExtensionId.policyMappings:
      fields.policies = { ...fields.policies, policyMappings: parsePolicyMappings(value) };
      return true;
    case ExtensionId.policyConstraints:
      fields.policies = { ...fields.policies, ...parsePolicyConstraints(value) };
      return true;
    case ExtensionId.inhibitAnyPolicy:
      fields.policies = { ...fields.policies, ...parseInhibitAnyPolicy(value) };
      return true;
    default:
      return false;
  }
}
