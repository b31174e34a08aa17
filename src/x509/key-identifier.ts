import type { Extension } from './certificate.ts';
import { contextTag, DerReader, MalformedError, Tag } from './der.ts';

/** Parses AuthorityKeyIdentifier (RFC 5280 §4.2.1.1): its keyIdentifier, empty where it has none. */
export function parseAuthorityKeyIdentifier(extension: Extension): Buffer {
  if (extension.critical) {
    throw new MalformedError('x509: authority key identifier incorrectly marked critical');
  }
  const failure = 'x509: invalid authority key identifier';
  const sequence = new DerReader(extension.value).read(Tag.sequence, failure);
  return sequence.isNext(contextTag(0)) ? sequence.readContents(contextTag(0), failure) : Buffer.alloc(0);
}

/** Parses SubjectKeyIdentifier (RFC 5280 §4.2.1.2). */
export function parseSubjectKeyIdentifier(extension: Extension): Buffer {
  if (extension.critical) {
    throw new MalformedError('x509: subject key identifier incorrectly marked critical');
  }
  return new DerReader(extension.value).readContents(Tag.octetString, 'x509: invalid subject key identifier');
}
