import { isAscii } from 'node:buffer';
import { DerReader, MalformedError, Tag } from './der.ts';
import { isDomainName } from './domain-name.ts';
import { goQuote } from './go-text.ts';
import { limits } from './limits.ts';
import { parseUri } from './uri.ts';

/** The tags of GeneralName (RFC 5280 §4.2.1.6) that are read; names of other kinds are passed over. */
export const GeneralNameTag = {
  rfc822Name: 0x81,
  dnsName: 0x82,
  uniformResourceIdentifier: 0x86,
  ipAddress: 0x87,
} as const;

/** The names of a SubjectAltName extension, each kind in the order of the DER; URIs as written. */
export interface SubjectAlternativeNames {
  readonly dnsNames: string[];
  readonly emailAddresses: string[];
  readonly uris: string[];
  readonly ipAddresses: Buffer[];
}

/** Parses a SubjectAltName extension (RFC 5280 §4.2.1.6). */
export function parseSubjectAlternativeNames(value: Buffer): SubjectAlternativeNames {
  const names: SubjectAlternativeNames = { dnsNames: [], emailAddresses: [], uris: [], ipAddresses: [] };
  const sequence = new DerReader(value).read(Tag.sequence, 'x509: invalid subject alternative names');
  let count = 0;
  while (!sequence.isEmpty()) {
    const failure = 'x509: invalid subject alternative name';
    const tag = sequence.nextTag(failure);
    addName(names, tag, sequence.readAny(failure));
    count += 1;
    if (count > limits.subjectAlternativeNames) {
      throw new MalformedError(`x509: more than ${limits.subjectAlternativeNames} subject alternative names`);
    }
  }
  return names;
}

function addName(names: SubjectAlternativeNames, tag: number, contents: Buffer): void {
  switch (tag) {
    case GeneralNameTag.rfc822Name:
      names.emailAddresses.push(toAscii(contents, 'x509: SAN rfc822Name is malformed'));
      return;
    case GeneralNameTag.dnsName:
      names.dnsNames.push(toAscii(contents, 'x509: SAN dNSName is malformed'));
      return;
    case GeneralNameTag.uniformResourceIdentifier:
      names.uris.push(checkedUri(toAscii(contents, 'x509: SAN uniformResourceIdentifier is malformed')));
      return;
    case GeneralNameTag.ipAddress:
      if (contents.length !== 4 && contents.length !== 16) {
        throw new MalformedError(`x509: cannot parse IP address of length ${contents.length}`);
      }
      names.ipAddresses.push(contents);
      return;
    default:
  }
}

function toAscii(contents: Buffer, failure: string): string {
  if (!isAscii(contents)) throw new MalformedError(failure);
  return contents.toString('latin1');
}

function checkedUri(text: string): string {
  const result = parseUri(text);
  if (!result.ok) throw new MalformedError(`x509: cannot parse URI ${goQuote(text)}: ${result.error}`);
  if (!isDomainName(result.uri.host)) {
    throw new MalformedError(`x509: cannot parse URI ${goQuote(text)}: invalid domain`);
  }
  return text;
}
