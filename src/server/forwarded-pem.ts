import { BadHeader } from './bad-header.ts';

const BLOCK = /-----BEGIN CERTIFICATE-----\n(?<base64>[A-Za-z0-9+/=\n]+)-----END CERTIFICATE-----\n?/y;

/** nginx and Envoy escape everything else; a plus sign would be a space to some. */
const ESCAPED = /^(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+$/;

/** The certificates of percent-encoded PEM: blocks of certificates, one after the other, and nothing else. */
export function readEscapedPem(name: string, escaped: string): readonly Buffer[] {
  if (!ESCAPED.test(escaped)) throw new BadHeader(`${name} is not percent-encoded PEM`);
  const pem = Buffer.from(
    escaped.replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('latin1');
  const certificates: Buffer[] = [];
  let end = 0;
  while (end < pem.length) {
    BLOCK.lastIndex = end;
    const base64 = BLOCK.exec(pem)?.groups?.['base64']?.replaceAll('\n', '');
    if (base64 === undefined)
      throw new BadHeader(`${name} has something in it that is no certificate in PEM`);
    certificates.push(decodeBase64(name, base64));
    end = BLOCK.lastIndex;
  }
  return certificates;
}

/** Decodes canonical base64 (RFC 4648 §4). */
export function decodeBase64(name: string, text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (text === '' || bytes.toString('base64') !== text) {
    throw new BadHeader(`${name} is not canonical base64`);
  }
  return bytes;
}
