import { existsSync, mkdirSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { toPem } from '../x509/pem.ts';
import { writeAtomically } from './write-atomically.ts';

/** Where a serving certificate and its key are, PEM. */
export interface ServingCertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

const DAY = 24 * 3600 * 1000;

/** As kube-apiserver's own self-made certificate. */
const LIFETIME_DAYS = 365;

/**
 * The serving certificate in a directory: `tls.crt` and `tls.key`, self-made for a host where they are not there yet.
 * Clients trust `tls.crt` itself.
 *
 * @throws the file system's errors.
 */
export async function ensureServingCertificate(
  directory: string,
  host: string,
  at: number,
): Promise<ServingCertificateFiles> {
  const files = { certificate: join(directory, 'tls.crt'), key: join(directory, 'tls.key') };
  if (!existsSync(files.certificate) || !existsSync(files.key)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { certificate, key } = await selfSign(host, at);
    writeAtomically(files.key, key, 0o600);
    writeAtomically(files.certificate, certificate, 0o644);
  }
  return files;
}

async function selfSign(host: string, at: number): Promise<{ certificate: string; key: string }> {
  // Loaded here because it takes 0.1 s, and only the first start needs it.
  const { buildCertificate } = await import('../x509/build.ts');
  const { generateKey } = await import('../x509/signing-key.ts');
  const { publicKey, privateKey } = await generateKey('P-256');
  const names = [...new Set(['localhost', hostname(), ...(isIP(host) === 0 ? [host] : [])])];
  const addresses = [...new Set(['127.0.0.1', '::1', ...(isIP(host) !== 0 ? [host] : [])])];
  const der = await buildCertificate({
    subject: [{ CN: 'kube-x509-authn' }],
    publicKey,
    issuer: { selfSignedBy: privateKey },
    notBefore: at - DAY,
    notAfter: at + LIFETIME_DAYS * DAY,
    dnsSANs: names,
    ipSANs: addresses,
    keyUsages: ['digitalSignature'],
    extKeyUsages: ['serverAuth'],
  });
  return {
    certificate: toPem(der, 'CERTIFICATE'),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
