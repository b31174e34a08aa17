import { readCertificateCredentials } from '../../authenticator/certificate-credential.ts';
import { toRemoteAddress } from '../../authenticator/remote-address.ts';
import type { UserInfo } from '../../identity/user-info.ts';

/** A request of somebody who came with a certificate. */
export interface CertificateEvent {
  /** Lower-case hex SHA-256 of the certificate, the first where there are several; empty where the credential id is none. */
  readonly fingerprint: string;
  readonly user: UserInfo;
  /** The peer's address: absent where the event has none that is an address. */
  readonly remoteAddress?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Whether the event is the end of a request; others tell of the same request once more. */
  readonly isEnd: boolean;
}

/** A line of an audit log: an event of a certificate's, of somebody else, or no event at all. */
export type AuditLine =
  | { readonly kind: 'certificate'; readonly event: CertificateEvent }
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed' };

const OTHER: AuditLine = { kind: 'other' };
const PREFIX = 'X509SHA256=';
const ALL_AUTHENTICATED = 'system:authenticated';

/**
 * Reads an event of `audit.k8s.io`: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/. The user is the one that
 * authenticated, whoever was impersonated then. A line that cannot hold a credential id is not parsed.
 */
export function parseAuditLine(line: Buffer): AuditLine {
  if (!line.includes(PREFIX)) return OTHER;
  const value = parseEvent(line);
  if (value === undefined) return { kind: 'malformed' };
  const user = isObject(value['user']) ? toUser(value['user']) : undefined;
  const credentials = user === undefined ? undefined : readCertificateCredentials(user);
  if (user === undefined || credentials === undefined) return OTHER;
  const [fingerprint = ''] = credentials.fingerprints;
  const { sourceIPs, requestReceivedTimestamp, stage } = value;
  const at = typeof requestReceivedTimestamp === 'string' ? Date.parse(requestReceivedTimestamp) : Number.NaN;
  if (Number.isNaN(at)) return { kind: 'malformed' };
  const remoteAddress = peerOf(sourceIPs);
  const isEnd = stage === 'ResponseComplete' || stage === 'Panic';
  return {
    kind: 'certificate',
    event: { fingerprint, user, at, isEnd, ...(remoteAddress !== undefined && { remoteAddress }) },
  };
}

/** Whether a line is an event at all. */
export function isAuditEvent(line: Buffer): boolean {
  return parseEvent(line) !== undefined;
}

function parseEvent(line: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return isObject(value) && value['kind'] === 'Event' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The last of `sourceIPs` is the connection's; those before it are what X-Forwarded-For said, and anybody can say anything. */
function peerOf(sourceIPs: unknown): string | undefined {
  const last: unknown = Array.isArray(sourceIPs) ? sourceIPs.at(-1) : undefined;
  return typeof last === 'string' ? toRemoteAddress(last) : undefined;
}

/** A user without `system:authenticated`, which kube-apiserver adds to everybody. */
function toUser({
  username,
  uid = '',
  groups,
  extra,
}: Readonly<Record<string, unknown>>): UserInfo | undefined {
  if (typeof username !== 'string' || typeof uid !== 'string' || !isObject(extra)) return undefined;
  const pairs = Object.entries(extra).filter((pair): pair is [string, readonly string[]] =>
    isStrings(pair[1]),
  );
  return {
    username,
    uid,
    groups: isStrings(groups) ? groups.filter((group) => group !== ALL_AUTHENTICATED) : [],
    extra: new Map(pairs),
  };
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
