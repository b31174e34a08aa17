import type { KeyObject } from 'node:crypto';
import { buildCertificate, type CertificateTemplate } from '../src/x509/build.ts';
import { toPem } from '../src/x509/pem.ts';
import type { Certificate } from '../src/x509/certificate.ts';
import { parseCertificate } from '../src/x509/parse-certificate.ts';
import { generateKey, type KeyKind } from '../src/x509/signing-key.ts';

/** The instant at which tests happen. */
export const NOW: number = Date.parse('2026-06-15T12:00:00Z');
export const HOUR: number = 3600 * 1000;
export const DAY: number = 24 * HOUR;

/** A certificate, its key, and both as PEM. */
export interface Identity {
  readonly der: Buffer;
  readonly certificate: Certificate;
  readonly key: KeyObject;
  readonly pem: string;
  readonly keyPem: string;
}

export type Template = Partial<Omit<CertificateTemplate, 'publicKey' | 'issuer'>> & {
  readonly keyKind?: KeyKind;
};

/** A self-signed CA. */
export function mintAuthority(name: string, template: Template = {}): Promise<Identity> {
  return mint({ subject: [{ CN: name }], isCA: true, keyUsages: ['keyCertSign', 'cRLSign'], ...template });
}

/** A CA under another. */
export function mintIntermediate(issuer: Identity, name: string, template: Template = {}): Promise<Identity> {
  return mint(
    { subject: [{ CN: name }], isCA: true, keyUsages: ['keyCertSign', 'cRLSign'], ...template },
    issuer,
  );
}

/** A client certificate under a CA; the default subject is CN=alice, O=dev. */
export function mintClient(issuer: Identity, template: Template = {}): Promise<Identity> {
  const subject = [{ CN: 'alice' }, { O: 'dev' }];
  return mint(
    { subject, keyUsages: ['digitalSignature'], extKeyUsages: ['clientAuth'], ...template },
    issuer,
  );
}

/** A self-signed serving certificate for localhost and 127.0.0.1. */
export function mintServing(notAfter: number = Date.now() + 365 * DAY): Promise<Identity> {
  const names = { dnsSANs: ['localhost'], ipSANs: ['127.0.0.1'] };
  return mint({
    subject: [{ CN: 'localhost' }],
    ...names,
    notAfter,
    keyUsages: ['digitalSignature'],
    extKeyUsages: ['serverAuth'],
  });
}

async function mint(
  template: Template & Pick<CertificateTemplate, 'subject'>,
  issuer?: Identity,
): Promise<Identity> {
  const { keyKind = 'P-256', ...fields } = template;
  const { publicKey, privateKey } = await generateKey(keyKind);
  const der = await buildCertificate({
    notBefore: NOW - DAY,
    notAfter: NOW + 365 * DAY,
    ...fields,
    publicKey,
    issuer:
      issuer === undefined ? { selfSignedBy: privateKey } : { certificate: issuer.der, key: issuer.key },
  });
  const parsed = parseCertificate(der);
  if (!parsed.ok) throw new Error(`the minted certificate does not parse: ${parsed.error}`);
  return {
    der,
    certificate: parsed.certificate,
    key: privateKey,
    pem: toPem(der, 'CERTIFICATE'),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
