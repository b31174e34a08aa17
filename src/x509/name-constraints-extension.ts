import { isAscii } from 'node:buffer';
import { constructedContextTag, DerReader, MalformedError, Tag } from './der.ts';
import { isDomainConstraint } from './domain-name.ts';
import { goQuote, goQuoteBytes } from './go-text.ts';
import { isIpAddress } from './ip-address.ts';
import { limits } from './limits.ts';
import { parseMailbox } from './mailbox.ts';
import { GeneralNameTag } from './subject-alternative-name.ts';

/** An address range: both of 4, or both of 16 bytes; the mask is contiguous. */
export interface AddressRange {
  readonly address: Buffer;
  readonly mask: Buffer;
}

/** One of the two lists of a NameConstraints extension, by kind of name. */
export interface Subtrees {
  readonly dnsDomains: string[];
  readonly emailAddresses: string[];
  readonly uriDomains: string[];
  readonly addressRanges: AddressRange[];
}

/** A NameConstraints extension (RFC 5280 §4.2.1.10). */
export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
  /** Whether there are constraints on a kind of name that nothing here understands, such as directoryName. */
  readonly hasUnsupported: boolean;
}

const INVALID = 'x509: invalid NameConstraints extension';

/** Parses a NameConstraints extension; minimum and maximum are not looked at, as Go does not. */
export function parseNameConstraints(value: Buffer): NameConstraints {
  const outer = new DerReader(value);
  const sequence = outer.read(Tag.sequence, INVALID);
  const permitted = sequence.readOptional(constructedContextTag(0), INVALID);
  const excluded = sequence.readOptional(constructedContextTag(1), INVALID);
  if (!outer.isEmpty() || !sequence.isEmpty()) throw new MalformedError(INVALID);
  if (permitted?.isEmpty() !== false && excluded?.isEmpty() !== false) {
    throw new MalformedError('x509: empty name constraints extension');
  }
  const none = new DerReader(Buffer.alloc(0));
  const first = readSubtrees(permitted ?? none);
  const second = readSubtrees(excluded ?? none);
  return {
    permitted: first.subtrees,
    excluded: second.subtrees,
    hasUnsupported: first.hasUnsupported || second.hasUnsupported,
  };
}

function readSubtrees(list: DerReader): { subtrees: Subtrees; hasUnsupported: boolean } {
  const subtrees: Subtrees = { dnsDomains: [], emailAddresses: [], uriDomains: [], addressRanges: [] };
  let hasUnsupported = false;
  let count = 0;
  while (!list.isEmpty()) {
    const base = list.read(Tag.sequence, INVALID);
    const tag = base.nextTag(INVALID);
    if (!addConstraint(subtrees, tag, base.readAny(INVALID))) hasUnsupported = true;
    count += 1;
    if (count > limits.nameConstraints) {
      throw new MalformedError(`x509: more than ${limits.nameConstraints} name constraints`);
    }
  }
  return { subtrees, hasUnsupported };
}

/** Adds one constraint; false where its kind is not supported. */
function addConstraint(subtrees: Subtrees, tag: number, contents: Buffer): boolean {
  switch (tag) {
    case GeneralNameTag.dnsName:
      subtrees.dnsDomains.push(checkedDomain(toAscii(contents), 'dnsName'));
      return true;
    case GeneralNameTag.rfc822Name:
      subtrees.emailAddresses.push(checkedEmail(toAscii(contents)));
      return true;
    case GeneralNameTag.uniformResourceIdentifier:
      subtrees.uriDomains.push(checkedUriDomain(toAscii(contents)));
      return true;
    case GeneralNameTag.ipAddress:
      subtrees.addressRanges.push(toAddressRange(contents));
      return true;
    default:
      return false;
  }
}

function toAscii(contents: Buffer): string {
  if (isAscii(contents)) return contents.toString('latin1');
  const text = goQuoteBytes(contents);
  throw new MalformedError(`x509: invalid constraint value: x509: ${text} cannot be encoded as an IA5String`);
}

function checkedDomain(text: string, kind: string): string {
  if (isDomainConstraint(text)) return text;
  throw new MalformedError(`x509: failed to parse ${kind} constraint ${goQuote(text)}`);
}

function checkedEmail(text: string): string {
  // With an @ it is one mailbox, without one a domain.
  if (!text.includes('@')) return checkedDomain(text, 'rfc822Name');
  if (parseMailbox(text) !== undefined) return text;
  throw new MalformedError(`x509: failed to parse rfc822Name constraint ${goQuote(text)}`);
}

function checkedUriDomain(text: string): string {
  if (!isIpAddress(text)) return checkedDomain(text, 'URI');
  throw new MalformedError(`x509: failed to parse URI constraint ${goQuote(text)}: cannot be IP address`);
}

function toAddressRange(contents: Buffer): AddressRange {
  if (contents.length !== 8 && contents.length !== 32) {
    throw new MalformedError(`x509: IP constraint contained value of length ${contents.length}`);
  }
  const half = contents.length / 2;
  const mask = contents.subarray(half);
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  if (bits.includes('01')) {
    throw new MalformedError(`x509: IP constraint contained invalid mask ${mask.toString('hex')}`);
  }
  return { address: contents.subarray(0, half), mask };
}
