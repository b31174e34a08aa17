import type { Certificate, DistinguishedName } from '../x509/certificate.ts';
import { CERTIFICATE_TYPE, NAME_TYPE } from './environment.ts';
import type { CelInput } from './frame.ts';
import { IpAddress, isIpv4Mapped } from './library/ip-address.ts';
import { type CelValue, ObjectValue, Timestamp } from './value.ts';

const COMMON_NAME = '2.5.4.3';
const COUNTRY = '2.5.4.6';
const LOCALITY = '2.5.4.7';
const PROVINCE = '2.5.4.8';
const ORGANIZATION = '2.5.4.10';
const ORGANIZATIONAL_UNIT = '2.5.4.11';

/** RFC 5280 §4.2.1.12's names; another usage is its OID. */
const KEY_USAGES: ReadonlyMap<string, string> = new Map([
  ['2.5.29.37.0', 'anyExtendedKeyUsage'],
  ['1.3.6.1.5.5.7.3.1', 'serverAuth'],
  ['1.3.6.1.5.5.7.3.2', 'clientAuth'],
  ['1.3.6.1.5.5.7.3.3', 'codeSigning'],
  ['1.3.6.1.5.5.7.3.4', 'emailProtection'],
  ['1.3.6.1.5.5.7.3.8', 'timeStamping'],
  ['1.3.6.1.5.5.7.3.9', 'OCSPSigning'],
]);

/** The variable `cert`. Every field is bound: what the certificate lacks is empty. */
export function toCertInput(certificate: Certificate): CelInput {
  const { publicKey } = certificate;
  const fields: Readonly<Record<string, CelValue>> = {
    subject: toName(certificate.subject),
    issuer: toName(certificate.issuer),
    serialNumber: certificate.serialNumber.toString(16),
    notBefore: toTimestamp(certificate.notBefore),
    notAfter: toTimestamp(certificate.notAfter),
    dnsSANs: certificate.dnsNames,
    uriSANs: certificate.uris,
    emailSANs: certificate.emailAddresses,
    ipSANs: certificate.ipAddresses.map(formatAddress),
    fingerprint: certificate.fingerprint,
    extKeyUsages: certificate.extKeyUsages.map((usage) => KEY_USAGES.get(usage) ?? usage),
    publicKeyAlgorithm: publicKey.algorithm === 'unknown' ? '' : publicKey.algorithm,
  };
  return { cert: new ObjectValue(CERTIFICATE_TYPE, fields) };
}

/** An IPv4-mapped address as IPv4, as Go prints it. */
function formatAddress(bytes: Uint8Array): string {
  return new IpAddress(isIpv4Mapped(bytes) ? bytes.subarray(12) : bytes).toString();
}

/** Of several common names the last counts, as in Kubernetes; the other attributes keep all values, in DER order. */
function toName({ attributes }: DistinguishedName): ObjectValue {
  const values = (type: string): string[] =>
    attributes.filter((attribute) => attribute.type === type).map((attribute) => attribute.value);
  const fields: Readonly<Record<string, CelValue>> = {
    commonName: values(COMMON_NAME).at(-1) ?? '',
    organization: values(ORGANIZATION),
    organizationalUnit: values(ORGANIZATIONAL_UNIT),
    country: values(COUNTRY),
    locality: values(LOCALITY),
    province: values(PROVINCE),
  };
  return new ObjectValue(NAME_TYPE, fields);
}

function toTimestamp(milliseconds: number): Timestamp {
  const seconds = Math.floor(milliseconds / 1000);
  return new Timestamp(seconds, Math.round(milliseconds - seconds * 1000) * 1_000_000);
}
