import type { Extension } from './certificate.ts';
import { constructedContextTag, contextTag, DerReader, MalformedError, Tag } from './der.ts';
import { readObjectIdentifier } from './object-identifier.ts';

/** Checks the shape of AuthorityInformationAccess (RFC 5280 §4.2.2.1), of which nothing is used. */
export function checkAuthorityInformationAccess(extension: Extension): void {
  if (extension.critical) throw new MalformedError('x509: authority info access incorrectly marked critical');
  const failure = 'x509: invalid authority info access';
  const sequence = new DerReader(extension.value).read(Tag.sequence, failure);
  while (!sequence.isEmpty()) {
    const description = sequence.read(Tag.sequence, failure);
    readObjectIdentifier(description, failure);
    description.readOptional(contextTag(6), failure);
  }
}

/** Checks the shape of CRLDistributionPoints (RFC 5280 §4.2.1.13), of which nothing is used. */
export function checkDistributionPoints(value: Buffer): void {
  const sequence = new DerReader(value).read(Tag.sequence, 'x509: invalid CRL distribution points');
  const failure = 'x509: invalid CRL distribution point';
  while (!sequence.isEmpty()) {
    const point = sequence.read(Tag.sequence, failure);
    const fullName = point
      .readOptional(constructedContextTag(0), failure)
      ?.read(constructedContextTag(0), failure);
    while (fullName?.isNext(contextTag(6)) === true) fullName.readContents(contextTag(6), failure);
  }
}
