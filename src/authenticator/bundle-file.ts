import { parseTrustBundle, type TrustBundleResult } from '../x509/trust-bundle.ts';

const UTF_8 = Buffer.of(0xef, 0xbb, 0xbf);
const UTF_16LE = Buffer.of(0xff, 0xfe);
const UTF_16BE = Buffer.of(0xfe, 0xff);

/** Parses a file of anchors; the error says what the file is where it is clearly something else. */
export function parseBundleFile(bytes: Buffer): TrustBundleResult {
  const result = parseTrustBundle(bytes.toString('utf8'));
  if (result.ok) return result;
  const hint = describeOther(bytes);
  return hint === undefined ? result : { ok: false, error: `${result.error} (${hint})` };
}

function describeOther(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return 'the file is empty';
  // A SEQUENCE with a length of two bytes: as every certificate begins (X.690 §8.1.3.5).
  if (bytes[0] === 0x30 && bytes[1] === 0x82) return 'the file is DER: it has to be PEM';
  if ([UTF_16LE, UTF_16BE].some((mark) => bytes.subarray(0, 2).equals(mark)))
    return 'the file is UTF-16: it has to be UTF-8';
  if (bytes.subarray(0, 3).equals(UTF_8))
    return 'the file begins with a byte order mark, which hides its first line';
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(bytes.toString('latin1')))
    return 'the file holds a private key, and no certificate';
  return undefined;
}
