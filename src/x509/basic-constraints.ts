import type { BasicConstraints } from './certificate.ts';
import { DerReader, MalformedError, Tag } from './der.ts';

/** Parses BasicConstraints (RFC 5280 §4.2.1.9). A path length counts also where the certificate is no CA. */
export function parseBasicConstraints(value: Buffer): BasicConstraints {
  const failure = 'x509: invalid basic constraints';
  const sequence = new DerReader(value).read(Tag.sequence, failure);
  const isCA = sequence.isNext(Tag.boolean) && sequence.readBoolean(failure);
  if (!sequence.isNext(Tag.integer)) return { isCA };
  const maxPathLength = sequence.readSmallInteger(failure);
  if (maxPathLength < 0) throw new MalformedError(failure);
  return { isCA, maxPathLength };
}
