import type { Certificate, DistinguishedName } from '../../x509/certificate.ts';
import { goQuote, goTime } from '../../x509/go-text.ts';
import { formatIpAddress } from '../../x509/ip-address.ts';

/** RFC 4514 §3's names and those of RFC 5280 appendix A.1; another type is shown as its OID. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'SERIALNUMBER'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['1.2.840.113549.1.9.1', 'E'],
]);

/** A value that can be taken for nothing else when it stands in a line. */
const PLAIN = /^[\p{L}\p{N}_.@:/*+=-]+(?: [\p{L}\p{N}_.@:/*+=-]+)*$/u;

/** A value of others' for a line of text: as it is where it is plain, else quoted and escaped. */
export function formatText(value: string): string {
  return PLAIN.test(value) ? value : goQuote(value);
}

/** A name for people to read. A value that could be taken for another attribute is quoted. */
export function formatName({ attributes, otherTypes }: DistinguishedName): string {
  const known = attributes.map(
    ({ type, value }) => `${SHORT_NAMES.get(type) ?? type}=${formatAttribute(value)}`,
  );
  const parts = [...known, ...otherTypes.map((type) => `${type}=(no string)`)];
  return parts.length === 0 ? '(empty)' : parts.join(', ');
}

/** `=` would begin another attribute. */
function formatAttribute(value: string): string {
  return value.includes('=') ? goQuote(value) : formatText(value);
}

/** What a certificate says, a line each, the subject first. */
export function describeCertificate(certificate: Certificate): readonly string[] {
  const { issuer, serialNumber, notBefore, notAfter, fingerprint } = certificate;
  const names = alternativeNames(certificate);
  return [
    formatName(certificate.subject),
    `issued by ${formatName(issuer)}, serial ${serialNumber.toString(16)}`,
    `valid ${goTime(notBefore)} to ${goTime(notAfter)}`,
    ...(names.length === 0 ? [] : [`names ${names.join(', ')}`]),
    `key ${describeKey(certificate)}, id ${formatKeyId(certificate.subjectKeyId)}`,
    ...(certificate.authorityKeyId.length === 0
      ? []
      : [`authority key id ${formatKeyId(certificate.authorityKeyId)}`]),
    `SHA-256 ${fingerprint}`,
  ];
}

function alternativeNames({ dnsNames, uris, emailAddresses, ipAddresses }: Certificate): readonly string[] {
  return [
    ...uris.map((value) => `URI ${formatText(value)}`),
    ...dnsNames.map((value) => `DNS ${formatText(value)}`),
    ...emailAddresses.map((value) => `email ${formatText(value)}`),
    ...ipAddresses.map((value) => `IP ${formatIpAddress(value)}`),
  ];
}

function describeKey({ publicKey }: Certificate): string {
  switch (publicKey.algorithm) {
    case 'RSA':
      return `RSA ${publicKey.bits} bits`;
    case 'ECDSA':
      return `ECDSA ${publicKey.curve}`;
    case 'Ed25519':
    case 'DSA':
    case 'X25519':
      return publicKey.algorithm;
    case 'unknown':
      return 'of an unknown kind';
  }
}

/** As OpenSSL and kube-apiserver's log print it. */
function formatKeyId(id: Buffer): string {
  if (id.length === 0) return '(none)';
  return Array.from(id, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(':');
}
