import { type Command, Option } from 'commander';
import type { ServingCertificateFiles } from '../server/serving-certificate.ts';
import { CIPHER_SUITES, TLS_VERSIONS, type TlsSettings } from '../server/tls-settings.ts';
import { Failure } from './failure.ts';

/** The flags of `serve` about TLS, as they were given. */
export interface TlsFlags {
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly certDir: string;
  readonly tlsMinVersion: keyof typeof TLS_VERSIONS;
  readonly tlsCipherSuites?: string;
}

export function addTlsFlags(command: Command): Command {
  return command
    .option('--tls-cert-file <file>', 'serving certificate, PEM; reloaded when it changes')
    .option('--tls-private-key-file <file>', "the serving certificate's key, PEM")
    .option(
      '--cert-dir <dir>',
      'where a serving certificate is made when none is given',
      '/var/run/kube-x509-authn',
    )
    .addOption(
      new Option('--tls-min-version <version>', 'least version of TLS')
        .choices(Object.keys(TLS_VERSIONS))
        .default('VersionTLS12'),
    )
    .option(
      '--tls-cipher-suites <names>',
      "TLS 1.2's cipher suites, IANA names with commas; TLS 1.3's are always on (default: ECDHE with AEAD)",
    );
}

/**
 * The settings that flags ask for.
 *
 * @throws Failure for a suite that is not known or not safe.
 */
export function parseTlsSettings({ tlsMinVersion, tlsCipherSuites }: TlsFlags): TlsSettings {
  const cipherSuites =
    tlsCipherSuites === undefined ? [] : tlsCipherSuites.split(',').map((name) => name.trim());
  for (const name of cipherSuites) {
    if (!Object.hasOwn(CIPHER_SUITES, name)) {
      throw new Failure(
        `--tls-cipher-suites: ${JSON.stringify(name)} is not a suite that is safe to use: expected some of ${Object.keys(CIPHER_SUITES).join(', ')}`,
      );
    }
  }
  return { minVersion: tlsMinVersion, cipherSuites };
}

/**
 * Where the serving certificate is, or the directory where it is to be made.
 *
 * @throws Failure where only one of the pair is given.
 */
export function parseServingCertificate(
  flags: TlsFlags,
): ServingCertificateFiles | { readonly directory: string } {
  const { tlsCertFile: certificate, tlsPrivateKeyFile: key, certDir: directory } = flags;
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  if (certificate === undefined && key === undefined) return { directory };
  throw new Failure(
    '--tls-cert-file and --tls-private-key-file go together: give both, or neither and --cert-dir',
  );
}
