import { compile } from '../../authenticator/compile.ts';
import { type NativeJwtEntry, toNativeJwtEntry } from '../../authenticator/native-jwt.ts';
import { loadKubernetesConfig } from '../../config/decode.ts';
import { toPem } from '../../x509/pem.ts';
import { readApiserverBundle } from '../apiserver-bundle.ts';
import { Failure } from '../failure.ts';
import { parseIssuer } from '../front-flags.ts';
import type { LoadedPolicy } from './policy.ts';

/** The flags about sessions that kube-apiserver verifies itself. */
export interface NativeSessionFlags {
  readonly issuerUrl?: string;
  readonly issuerCaFile?: string;
}

/**
 * The entries of `jwt` by which kube-apiserver takes the native sessions of a policy; none where no issuer is named.
 *
 * @throws Failure for flags that do not go with each other, or with the configuration.
 */
export function nativeJwtEntries(
  { config, authenticator }: LoadedPolicy,
  flags: NativeSessionFlags,
  audience: string,
): readonly NativeJwtEntry[] {
  const { issuerUrl, issuerCaFile } = flags;
  if (issuerUrl === undefined) {
    if (issuerCaFile !== undefined) throw new Failure('--issuer-ca-file goes together with --issuer-url');
    return [];
  }
  const url = parseIssuer(issuerUrl);
  const entry = toNativeJwtEntry(authenticator, {
    url,
    audiences: [audience],
    ...(issuerCaFile !== undefined && { certificateAuthority: readAuthorities(issuerCaFile) }),
  });
  if (entry === undefined) throw new Failure('--issuer-url: no entry has session: {native: true}');
  const own = config.jwt.findIndex(({ issuer }) => issuer.url === url);
  if (own >= 0) {
    throw new Failure(
      `--issuer-url: jwt[${own}].issuer.url is ${url} already: take the entry out, it is written here`,
      1,
    );
  }
  return [entry];
}

/** The certificates of a file alone: a key that stands among them must not get into another file. */
function readAuthorities(file: string): string {
  const { bundle } = readApiserverBundle('--issuer-ca-file', file);
  return bundle.anchors.map(({ der }) => toPem(der, 'CERTIFICATE')).join('');
}

/**
 * Refuses what kube-apiserver would, of a file that has more than the configuration it was made from.
 *
 * @throws Failure with all that is wrong with it.
 */
export function checkKubernetesText(text: string): void {
  const loaded = loadKubernetesConfig(text);
  const noFiles = (path: string): never => {
    throw new Error(`${path} is not read: there is no x509`);
  };
  const checked = loaded.kind === 'config' ? compile(loaded.config, { readFile: noFiles }) : loaded;
  if (checked.kind === 'compiled') return;
  const messages = checked.issues.map(({ message }) => message);
  throw new Failure(`kube-apiserver would refuse the file with the issuer: ${messages.join('; ')}`, 1);
}
