import type { Extension } from './certificate.ts';
import { type DerReader, MalformedError, Tag } from './der.ts';
import { goQuote } from './go-text.ts';
import { limits } from './limits.ts';
import { readObjectIdentifier } from './object-identifier.ts';

/** The extensions that a certificate's parser reads (RFC 5280 §4.2). */
export const ExtensionId = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInformationAccess: '1.3.6.1.5.5.7.1.1',
} as const;

/** Reads Extensions (RFC 5280 §4.1): each at most once, none interpreted. */
export function readExtensions(field: DerReader): readonly Extension[] {
  const sequence = field.read(Tag.sequence, 'x509: malformed extensions');
  const extensions: Extension[] = [];
  const seen = new Set<string>();
  while (!sequence.isEmpty()) {
    const extension = readExtension(sequence.read(Tag.sequence, 'x509: malformed extension'));
    if (seen.has(extension.id)) {
      throw new MalformedError(
        `x509: certificate contains duplicate extension with OID ${goQuote(extension.id)}`,
      );
    }
    seen.add(extension.id);
    extensions.push(extension);
    if (extensions.length > limits.extensions) {
      throw new MalformedError(`x509: more than ${limits.extensions} extensions`);
    }
  }
  return extensions;
}

/** Reads one Extension from its fields. */
export function readExtension(fields: DerReader): Extension {
  const id = readObjectIdentifier(fields, 'x509: malformed extension OID field');
  const critical =
    fields.isNext(Tag.boolean) && fields.readBoolean('x509: malformed extension critical field');
  const value = fields.readContents(Tag.octetString, 'x509: malformed extension value field');
  return { id, critical, value };
}
