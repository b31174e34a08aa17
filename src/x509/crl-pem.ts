import { MalformedError, Tag } from './der.ts';

const LABEL = 'X509 CRL';
const BEGIN = '-----BEGIN ';
const DASHES = '-----';

/**
 * Whether the contents of a revocation file are CRLs and not text of another kind: DER starts with a SEQUENCE whose length has
 * more than one octet, which no UTF-8 text does; PEM has a block of the label `X509 CRL` (RFC 7468 §6).
 */
export function isCertificateRevocationLists(contents: Buffer): boolean {
  return isDer(contents) || contents.includes(`${BEGIN}${LABEL}${DASHES}`);
}

/**
 * The DER of each CRL in a file of one DER CRL or of any number of PEM blocks. Text around the blocks is passed over. Base64 is
 * read leniently: a signature is over every bit of what it decodes to.
 *
 * @throws MalformedError for a block of another label, one that does not end, or none at all.
 */
export function splitCertificateRevocationLists(contents: Buffer): readonly Buffer[] {
  if (isDer(contents)) return [contents];
  const text = contents.toString('latin1');
  const lists: Buffer[] = [];
  let begin = text.indexOf(BEGIN);
  while (begin !== -1) {
    const labelEnd = text.indexOf(DASHES, begin + BEGIN.length);
    if (labelEnd === -1) throw new MalformedError('PEM block whose BEGIN line does not end');
    const label = text.slice(begin + BEGIN.length, labelEnd);
    if (label !== LABEL) {
      throw new MalformedError(
        `PEM block "${label.slice(0, 64)}" among CRLs: only "${LABEL}" blocks belong here`,
      );
    }
    const end = text.indexOf(`${DASHES}END ${LABEL}${DASHES}`, labelEnd);
    if (end === -1) throw new MalformedError(`PEM block "${LABEL}" without its END line`);
    lists.push(Buffer.from(text.slice(labelEnd + DASHES.length, end), 'base64'));
    begin = text.indexOf(BEGIN, end);
  }
  if (lists.length === 0) throw new MalformedError(`neither a CRL in DER nor a PEM block "${LABEL}"`);
  return lists;
}

function isDer(contents: Buffer): boolean {
  return contents[0] === Tag.sequence && (contents[1] ?? 0) >= 0x80;
}
