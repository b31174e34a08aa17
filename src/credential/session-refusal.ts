/** Why a session token is refused before anybody looks at what it says of its holder. */
export type SessionRefusal =
  | { readonly code: 'session/malformed'; readonly problem: string }
  | { readonly code: 'session/unknown-key' }
  | { readonly code: 'session/bad-signature' }
  | { readonly code: 'session/lifetime'; readonly problem: string }
  | { readonly code: 'session/expired'; readonly expiredAt: number; readonly at: number }
  | { readonly code: 'session/issued-in-the-future'; readonly issuedAt: number; readonly at: number };

/** The refusal in English; it holds nothing of the token. */
export function describeSessionRefusal(refusal: SessionRefusal): string {
  switch (refusal.code) {
    case 'session/malformed':
    case 'session/lifetime':
      return refusal.problem;
    case 'session/unknown-key':
      return 'the session was signed with a key that is none of --session-signing-key-file';
    case 'session/bad-signature':
      return 'the signature was not made with the key that the session names';
    case 'session/expired':
      return `the session ended at ${instant(refusal.expiredAt)}, and it is ${instant(refusal.at)}`;
    case 'session/issued-in-the-future':
      return `the session began at ${instant(refusal.issuedAt)}, and it is ${instant(refusal.at)}: check the clocks of the replicas`;
  }
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
