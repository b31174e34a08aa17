import type { Authenticator, Entry } from './authenticator.ts';

/** Where kube-apiserver finds the issuer of native sessions, and whom they must be for. */
export interface NativeIssuer {
  /** `--issuer-url`, as the server has it. */
  readonly url: string;
  readonly audiences: readonly string[];
  /** PEM; absent: the authorities that kube-apiserver's host trusts. */
  readonly certificateAuthority?: string;
}

/** A `jwt` entry of kube-apiserver's AuthenticationConfiguration, as it stands in the file. */
export interface NativeJwtEntry {
  readonly issuer: {
    readonly url: string;
    readonly audiences: readonly string[];
    readonly audienceMatchPolicy?: 'MatchAny';
    readonly certificateAuthority?: string;
  };
  readonly claimMappings: {
    readonly username: { readonly claim: 'sub'; readonly prefix: '' };
    readonly groups: { readonly claim: 'groups'; readonly prefix: '' };
    readonly uid: { readonly claim: 'uid' };
    readonly extra: readonly { readonly key: string; readonly valueExpression: string }[];
  };
}

const KUBERNETES = 'authentication.kubernetes.io/';

const POD_KEYS: readonly string[] = ['pod-name', 'pod-uid', 'node-name', 'node-uid'];

/**
 * The `jwt` entry that makes kube-apiserver (1.30 and later) take the native sessions of an issuer by itself; undefined where no entry
 * gives any. Username, groups and uid arrive as they were decided; of `extra` the credential's id, a pod's and its
 * node's names, and what `claimMappings` names.
 */
export function toNativeJwtEntry(
  { entries }: Authenticator,
  { url, audiences, certificateAuthority }: NativeIssuer,
): NativeJwtEntry | undefined {
  const native = entries.filter(({ sessions }) => sessions === 'native');
  if (native.length === 0) return undefined;
  const keys = [`${KUBERNETES}credential-id`, ...[...new Set(native.flatMap(extraKeysOf))].sort()];
  return {
    issuer: {
      url,
      audiences,
      ...(audiences.length > 1 && { audienceMatchPolicy: 'MatchAny' }),
      ...(certificateAuthority !== undefined && { certificateAuthority }),
    },
    claimMappings: {
      username: { claim: 'sub', prefix: '' },
      groups: { claim: 'groups', prefix: '' },
      uid: { claim: 'uid' },
      extra: keys.map((key) => ({
        key: toOwnKey(key),
        valueExpression: `${quote(key)} in claims.extra ? claims.extra[${quote(key)}] : []`,
      })),
    },
  };
}

/** The keys that a user of an entry may have in `extra`, beside the credential's id. */
function extraKeysOf({ mapping }: Entry): readonly string[] {
  switch (mapping.kind) {
    case 'kubernetes':
      return [];
    case 'claims':
      return mapping.extra.map(({ key }) => key);
    case 'workload':
      return mapping.profile === 'PodIdentity' ? POD_KEYS.map((key) => KUBERNETES + key) : [];
  }
}

/** kube-apiserver lets no `jwt` entry set keys under kubernetes.io, so that they become ours. */
function toOwnKey(key: string): string {
  return key.startsWith(KUBERNETES) ? `kube-x509-authn.dev/${key.slice(KUBERNETES.length)}` : key;
}

/** A key of `extra` has no character that a string of CEL would escape otherwise than JSON does. */
function quote(key: string): string {
  return JSON.stringify(key);
}
