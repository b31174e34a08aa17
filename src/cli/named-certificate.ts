import { readFileSync } from 'node:fs';
import type { Certificate } from '../x509/certificate.ts';
import { parseChain } from '../x509/trust-bundle.ts';
import { Failure, reasonOf } from './failure.ts';
import { loadKubeConfig } from './kube-config.ts';
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
export async function findNamedCertificate(flags: CertificateFlags): Promise<NamedCertificate> {
  const { cert, fingerprint, kubeconfig, context } = flags;
  const given = [cert, fingerprint, kubeconfig].filter((value) => value !== undefined);
  if (given.length !== 1) throw new Failure('give one of --cert, --fingerprint and --kubeconfig');
  if (context !== undefined && kubeconfig === undefined)
    throw new Failure('--context goes with --kubeconfig');
  if (fingerprint !== undefined) return { fingerprint: parseFingerprint(fingerprint) };
  if (cert !== undefined) return firstOf(readFlagFile('--cert', cert).toString('utf8'), `--cert: ${cert}`);
  return readKubeConfigCertificate({
    kubeconfig: kubeconfig ?? '',
    ...(context !== undefined && { context }),
  });
}

/** In any case, with or without colons, and behind what an audit log (`X509SHA256=`) or openssl (`sha256 Fingerprint=`) writes before it. */
function parseFingerprint(text: string): string {
  const hex = text.trim().replace(/^.*=/, '').replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return hex;
  throw new Failure(
    `--fingerprint: ${JSON.stringify(text)} is not the SHA-256 of a certificate: expected 64 hexadecimal digits`,
  );
}

async function readKubeConfigCertificate(flags: {
  kubeconfig: string;
  context?: string;
}): Promise<NamedCertificate> {
  const config = await loadKubeConfig(flags);
  const user = config.getCurrentUser();
  const where = `--kubeconfig: ${flags.kubeconfig}, user ${JSON.stringify(user?.name ?? '')}`;
  if (user?.certData !== undefined)
    return firstOf(Buffer.from(user.certData, 'base64').toString('utf8'), where);
  if (user?.certFile === undefined) throw new Failure(`${where}: has no client certificate`);
  try {
    return firstOf(readFileSync(user.certFile, 'utf8'), `${where}: ${user.certFile}`);
  } catch (error) {
    throw error instanceof Failure
      ? error
      : new Failure(`${where}: cannot read ${user.certFile}: ${reasonOf(error)}`);
  }
}

/** Of a chain the leaf, which comes first. */
function firstOf(pem: string, where: string): NamedCertificate {
  const parsed = parseChain(pem);
  if (!parsed.ok) throw new Failure(`${where}: ${parsed.error}`);
  const [certificate] = parsed.chain;
  if (certificate === undefined) throw new Failure(`${where}: has no certificate`);
  return { fingerprint: certificate.fingerprint, certificate };
}
