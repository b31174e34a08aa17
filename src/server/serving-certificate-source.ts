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
      try {
        createSecureContext({ cert: pair.certificate, key: pair.key, ca: [] });
      } catch (error) {
        return { kind: 'invalid', problem: `${files.certificate}, ${files.key}: ${reasonOf(error)}` };
      }
      return { kind: 'loaded', value: pair, warnings: [] };
    },
  };
}
