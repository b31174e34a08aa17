import { stringify } from 'yaml';
import type { Authenticator, Entry } from '../../authenticator/authenticator.ts';
import { addJwtEntry } from '../../config/jwt-text.ts';
import { parseChain } from '../../x509/trust-bundle.ts';
import { Failure } from '../failure.ts';
import { parseIssuer } from '../front-flags.ts';
import { readFlagFile } from '../read-file.ts';

/** The flags that say by whom native sessions are issued. */
export interface IssuerFlags {
  readonly issuerUrl?: string;
  readonly issuerCaFile?: string;
}

/** Who issues the sessions that kube-apiserver verifies itself. */
export interface SessionIssuer {
  readonly url: string;
  /** PEM of the authorities of its serving certificate; absent: kube-apiserver's machine knows them. */
  readonly certificateAuthority?: string;
}

/**
 * The issuer that flags name.
 *
 * @throws Failure for flags that do not go together, and a file with no certificates in it.
 */
export function parseSessionIssuer({ issuerUrl, issuerCaFile }: IssuerFlags): SessionIssuer | undefined {
  if (issuerUrl === undefined) {
    if (issuerCaFile !== undefined) throw new Failure('--issuer-ca-file goes together with --issuer-url');
    return undefined;
  }
  const url = parseIssuer(issuerUrl);
  if (issuerCaFile === undefined) return { url };
  const pem = readFlagFile('--issuer-ca-file', issuerCaFile).toString('utf8');
  const parsed = parseChain(pem);
  const problem = parsed.ok ? 'no certificate in it' : parsed.error;
  if (!parsed.ok || parsed.chain.length === 0)
    throw new Failure(`--issuer-ca-file: ${issuerCaFile}: ${problem}`);
  return { url, certificateAuthority: pem };
}

/**
 * kube-apiserver's configuration with the `jwt` entry that makes it accept native sessions for an audience.
 *
 * @throws Failure where no entry has native sessions, or the configuration has an entry of that issuer.
 */
export function addSessionIssuer(
  text: string,
  { authenticator, issuer, audience, issuers }: SessionIssuing,
): string {
  const entries = authenticator.entries.filter(({ sessions }) => sessions === 'native');
  if (entries.length === 0) throw new Failure('--issuer-url: no entry has session: {native: true}');
  const same = issuers.indexOf(issuer.url);
  if (same >= 0) throw new Failure(`--issuer-url: jwt[${same}].issuer.url is ${issuer.url} already`, 1);
  const value = toJwtEntry(entries, issuer, audience);
  const item = `# Sessions of kube-x509-authn (session.native)\n${stringify([value], { lineWidth: 0 })}`;
  return addJwtEntry(text, { value, item });
}

/** What sessions are issued for, and the issuers that the configuration has already. */
export interface SessionIssuing {
  readonly authenticator: Authenticator;
  readonly issuer: SessionIssuer;
  readonly audience: string;
  readonly issuers: readonly string[];
}

function toJwtEntry(entries: readonly Entry[], issuer: SessionIssuer, audience: string): object {
  const extra = [...new Set(entries.flatMap(extraKeysOf))].map((key) => {
    const claim = `claims.extra[${JSON.stringify(key)}]`;
    const valueExpression = `${JSON.stringify(key)} in claims.extra ? ${claim} : []`;
    return { key: ownKey(key), valueExpression };
  });
  return {
    issuer: { ...issuer, audiences: [audience] },
    claimMappings: {
      username: { claim: 'sub', prefix: '' },
      groups: { claim: 'groups', prefix: '' },
      uid: { claim: 'uid' },
      extra,
    },
  };
}

const KUBERNETES = 'authentication.kubernetes.io/';

const POD_KEYS = ['pod-name', 'pod-uid', 'node-name', 'node-uid'];

/** The keys that a user of an entry may have in `extra`. */
function extraKeysOf({ mapping }: Entry): readonly string[] {
  const credential = `${KUBERNETES}credential-id`;
  switch (mapping.kind) {
    case 'kubernetes':
      return [credential];
    case 'claims':
      return [credential, ...mapping.extra.map(({ key }) => key)];
    case 'workload':
      return [
        credential,
        ...(mapping.profile === 'PodIdentity' ? POD_KEYS.map((key) => KUBERNETES + key) : []),
      ];
  }
}

/** kube-apiserver lets no `jwt` entry set its own keys. */
function ownKey(key: string): string {
  return key.startsWith(KUBERNETES) ? `kube-x509-authn.dev/${key.slice(KUBERNETES.length)}` : key;
}
