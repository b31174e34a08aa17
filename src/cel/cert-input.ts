import type { Certificate, DistinguishedName } from '../x509/certificate.ts';
import { formatIpAddress } from '../x509/ip-address.ts';
import { extKeyUsageName } from '../x509/key-usage.ts';
import { commonName, valuesOf } from '../x509/name.ts';
import type { CelInput } from './frame.ts';
import { wrapInput } from './input-value.ts';
import { type CelValue, ObjectValue, Timestamp } from './value.ts';

/** Attributes of a name that may be there more than once, by the field that lists them (RFC 5280 appendix A.1). */
const LISTED_ATTRIBUTES = {
  organization: '2.5.4.10',
  organizationalUnit: '2.5.4.11',
  country: '2.5.4.6',
  locality: '2.5.4.7',
  province: '2.5.4.8',
} as const;

/**
 * The variable `cert`. Every field is bound: what the certificate lacks is empty. The serial number and the fingerprint are lower-case
 * hex, the former without leading zeros; extended key usages have their names, or a dotted OID where they have none.
 */
export function toCertInput(certificate: Certificate): CelInput {
  const fields = new Map<string, CelValue>([
    ['subject', toName(certificate.subject)],
    ['issuer', toName(certificate.issuer)],
    ['serialNumber', certificate.serialNumber.toString(16)],
    ['notBefore', toTimestamp(certificate.notBefore)],
    ['notAfter', toTimestamp(certificate.notAfter)],
    ['dnsSANs', wrapInput(certificate.dnsNames)],
    ['uriSANs', wrapInput(certificate.uris)],
    ['emailSANs', wrapInput(certificate.emailAddresses)],
    ['ipSANs', wrapInput(certificate.ipAddresses.map(formatIpAddress))],
    ['fingerprint', certificate.fingerprint],
    ['extKeyUsages', wrapInput(certificate.extKeyUsages.map(extKeyUsageName))],
    ['publicKeyAlgorithm', certificate.publicKey.algorithm],
  ]);
  return new Map([['cert', new ObjectValue('kubernetes.CertificateInfo', fields)]]);
}

function toName(name: DistinguishedName): CelValue {
  const fields = new Map<string, CelValue>([['commonName', commonName(name)]]);
  for (const [field, type] of Object.entries(LISTED_ATTRIBUTES)) {
    fields.set(field, wrapInput(valuesOf(name, type)));
  }
  return new ObjectValue('kubernetes.CertificateName', fields);
}

/** Certificates know whole seconds. */
function toTimestamp(milliseconds: number): Timestamp {
  return new Timestamp(Math.floor(milliseconds / 1000), 0);
}
