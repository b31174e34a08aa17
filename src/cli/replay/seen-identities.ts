import type { UserInfo } from '../../identity/user-info.ts';
import type { CertificateEvent } from './audit-event.ts';

/** Somebody with a certificate at an address, over the whole log. */
export interface SeenIdentity {
  readonly fingerprint: string;
  readonly user: UserInfo;
  readonly remoteAddress?: string;
  /** When it was seen last. */
  lastSeen: number;
  requests: number;
}

/** How many are told apart; a log that has more is a log of something else, and memory is bounded. */
const MAX_IDENTITIES = 100_000;

/** The length of all that tells them apart: a user's groups and extra may be long. */
const MAX_LENGTH = 256 * 1024 * 1024;

/** Collects the distinct identities of a log. */
export interface SeenIdentities {
  add(event: CertificateEvent): void;
  readonly identities: Iterable<SeenIdentity>;
  /** Events of identities beyond the bound. */
  readonly overflow: number;
}

/** Collects identities: one a certificate, user and address. The certificate is known by the credential id in the user's extra. */
export function collectIdentities(limit: number = MAX_IDENTITIES): SeenIdentities {
  const seen = new Map<string, SeenIdentity>();
  let overflow = 0;
  let length = 0;
  return {
    add({ fingerprint, user, remoteAddress, at, isEnd }) {
      const { username, uid, groups, extra } = user;
      const key = JSON.stringify([remoteAddress, username, uid, groups, [...extra]]);
      const known = seen.get(key);
      if (known !== undefined) {
        known.lastSeen = Math.max(known.lastSeen, at);
        known.requests += isEnd ? 1 : 0;
      } else if (seen.size >= limit || length + key.length > MAX_LENGTH) overflow += 1;
      else {
        length += key.length;
        const identity = { fingerprint, user, lastSeen: at, requests: isEnd ? 1 : 0 };
        seen.set(key, { ...identity, ...(remoteAddress !== undefined && { remoteAddress }) });
      }
    },
    identities: { [Symbol.iterator]: () => seen.values() },
    get overflow() {
      return overflow;
    },
  };
}
