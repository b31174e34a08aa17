import type { Extension } from './certificate.ts';
import { contextTag, DerReader, MalformedError, Tag } from './der.ts';
import { readExtension } from './extension.ts';

/** What the extensions of a CRL say that matters here. */
export interface CrlExtensions {
  /** RFC 5280 §5.2.3. */
  readonly number?: bigint;
}

const CrlExtensionId = {
  number: '2.5.29.20',
  deltaIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
} as const;

/** issuerAltName, authorityKeyIdentifier, freshestCRL, authorityInfoAccess: whatever they say, the list holds. */
const harmlessExtensions: ReadonlySet<string> = new Set([
  '2.5.29.18',
  '2.5.29.35',
  '2.5.29.46',
  '1.3.6.1.5.5.7.1.1',
]);

/** RFC 5280 §5.2.3. */
const MAX_NUMBER_OCTETS = 20;

/**
 * Reads the extensions of a CRL (RFC 5280 §5.2), each at most once.
 *
 * @throws MalformedError where they make it less than the complete list of one issuer, or where a critical one is not understood.
 */
export function readCrlExtensions(field: DerReader): CrlExtensions {
  const sequence = field.read(Tag.sequence, 'malformed extensions');
  const seen = new Set<string>();
  let number: bigint | undefined;
  while (!sequence.isEmpty()) {
    const extension = readExtension(sequence.read(Tag.sequence, 'malformed extension'));
    if (seen.has(extension.id)) throw new MalformedError(`extension ${extension.id} is there twice`);
    seen.add(extension.id);
    checkScope(extension);
    if (extension.id === CrlExtensionId.number) number = parseNumber(extension);
  }
  return number === undefined ? {} : { number };
}

function checkScope({ id, critical, value }: Extension): void {
  switch (id) {
    case CrlExtensionId.deltaIndicator:
      throw new MalformedError('it is a delta CRL (RFC 5280 §5.2.4): give the complete CRL');
    case CrlExtensionId.issuingDistributionPoint:
      throw new MalformedError(describeDistributionPoint(value));
    case CrlExtensionId.number:
      return;
    default:
      if (critical && !harmlessExtensions.has(id)) {
        throw new MalformedError(`its critical extension ${id} is not understood`);
      }
  }
}

/** RFC 5280 §5.2.5: every field of it but a false one takes certificates from the list, or adds another issuer's. */
function describeDistributionPoint(value: Buffer): string {
  const failure = 'malformed issuing distribution point';
  const fields = new DerReader(value).read(Tag.sequence, failure);
  while (!fields.isEmpty()) {
    const isIndirect = fields.isNext(contextTag(4));
    const contents = fields.readAny(failure);
    if (isIndirect && contents[0] !== 0) {
      return 'it is an indirect CRL (RFC 5280 §5.2.5): give a CRL of each issuer';
    }
  }
  return "it covers only a part of its issuer's certificates (issuing distribution point, RFC 5280 §5.2.5): give the complete CRL";
}

function parseNumber({ critical, value }: Extension): bigint {
  if (critical) throw new MalformedError('its CRL number is critical, which RFC 5280 §5.2.3 forbids');
  const reader = new DerReader(value);
  const number = reader.readInteger('malformed CRL number');
  const isTooLong = value.length > 2 + MAX_NUMBER_OCTETS;
  if (!reader.isEmpty() || number < 0n || isTooLong) {
    throw new MalformedError(
      `malformed CRL number: an INTEGER from 0 up, of at most ${MAX_NUMBER_OCTETS} octets`,
    );
  }
  return number;
}
