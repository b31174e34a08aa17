import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { FileSource } from './file-source.ts';
import { reasonOf } from './reason-of.ts';
import type { ServingCertificateFiles } from './serving-certificate.ts';

/** A serving certificate and its key, PEM. */
export interface ServingCertificate {
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** The serving certificate's files. While only one of the two is replaced they do not fit, and the former pair stays. */
export function servingCertificateSource(files: ServingCertificateFiles): FileSource<ServingCertificate> {
  return {
    name: 'serving-certificate',
    firstFileStandsIn: 'never',
    load(read) {
      const pair = { certificate: read(files.certificate), key: read(files.key) };
      const problem = findProblem(pair, files);
      return problem === undefined
        ? { kind: 'loaded', value: pair, warnings: [] }
        : { kind: 'invalid', problem };
    },
  };
}

/** What keeps a pair from being served, in more telling words than OpenSSL's, which has the last one. */
function findProblem(pair: ServingCertificate, files: ServingCertificateFiles): string | undefined {
  const certificate = attempt(() => new X509Certificate(pair.certificate));
  if (certificate === undefined)
    return `${files.certificate}: no certificate in it: expected PEM, the serving certificate first`;
  const key = attempt(() => createPrivateKey(pair.key));
  if (key === undefined) return `${files.key}: no private key in it: expected PEM, not encrypted`;
  if (!certificate.checkPrivateKey(key))
    return `${files.key} is not the key of the certificate in ${files.certificate}`;
  try {
    createSecureContext({ cert: pair.certificate, key: pair.key, ca: [] });
    return undefined;
  } catch (error) {
    return `${files.certificate}, ${files.key}: ${reasonOf(error)}`;
  }
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
