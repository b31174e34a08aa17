import type { Certificate } from '../x509/certificate.ts';
import { Failure } from './failure.ts';
import { readClientCertificate } from './kubeconfig.ts';
import { readCertificates } from './read-certificates.ts';
import { readFlagFile } from './read-file.ts';

/** How a certificate is named on the command line: exactly one of the three. */
export interface CertificateFlags {
  readonly cert?: string;
  readonly fingerprint?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** The lower-case hex SHA-256 of a certificate's DER, and the certificate where it is at hand. */
export interface NamedCertificate {
  readonly fingerprint: string;
  readonly certificate?: Certificate;
}

/**
 * The certificate that the flags name.
 *
 * @throws Failure naming the flag.
 */
export function findNamedCertificate(flags: CertificateFlags): NamedCertificate {
  const { cert, fingerprint, kubeconfig, context } = flags;
  const given = [cert, fingerprint, kubeconfig].filter((value) => value !== undefined);
  if (given.length !== 1) throw new Failure('give one of --cert, --fingerprint and --kubeconfig');
  if (context !== undefined && kubeconfig === undefined)
    throw new Failure('--context goes with --kubeconfig');
  if (fingerprint !== undefined) return { fingerprint: parseFingerprint(fingerprint) };
  if (cert !== undefined) return firstOf(readFlagFile('--cert', cert), `--cert: ${cert}`);
  const pem = readClientCertificate(kubeconfig ?? '', context);
  return firstOf(Buffer.from(pem), `--kubeconfig: ${kubeconfig}`);
}

/** In any case, with or without colons, and behind what an audit log (`X509SHA256=`) or openssl (`sha256 Fingerprint=`) writes before it. */
function parseFingerprint(text: string): string {
  const hex = text.trim().replace(/^.*=/, '').replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  throw new Failure(
    `--fingerprint: ${JSON.stringify(text)} is not the SHA-256 of a certificate: expected 64 hexadecimal digits`,
  );
}

/** Of a chain the leaf, which comes first. */
function firstOf(bytes: Buffer, where: string): NamedCertificate {
  const read = readCertificates(bytes);
  if (!read.ok) throw new Failure(`${where}: ${read.error}`);
  const [certificate] = read.chain;
  return { fingerprint: certificate.fingerprint, certificate };
}
