/** Why a token that is ours by its prefix is refused before any certificate is trusted or any signature checked. */
export type TokenRefusal =
  | { readonly code: 'token/malformed'; readonly problem: string }
  | { readonly code: 'token/header'; readonly problem: string }
  | { readonly code: 'token/chain'; readonly problem: string }
  | { readonly code: 'token/algorithm'; readonly algorithm: string; readonly allowed: readonly string[] }
  | { readonly code: 'token/claims'; readonly problem: string }
  | { readonly code: 'token/lifetime'; readonly problem: string }
  | { readonly code: 'token/expired'; readonly expiredAt: number; readonly at: number }
  | { readonly code: 'token/issued-in-the-future'; readonly issuedAt: number; readonly at: number };

/** The refusal in English; it holds nothing of the token but what the sender chose for a public field. */
export function describeTokenRefusal(refusal: TokenRefusal): string {
  switch (refusal.code) {
    case 'token/malformed':
    case 'token/header':
    case 'token/chain':
    case 'token/claims':
    case 'token/lifetime':
      return refusal.problem;
    case 'token/algorithm':
      return refusal.allowed.length === 0
        ? "the leaf certificate's key may not sign tokens: use P-256, P-384, P-521, Ed25519 or RSA of 2048 to 8192 bits"
        : `alg is ${JSON.stringify(refusal.algorithm)}, and the leaf certificate's key signs with ${refusal.allowed.join(' or ')}`;
    case 'token/expired':
      return `the token expired at ${instant(refusal.expiredAt)}, and it is ${instant(refusal.at)}`;
    case 'token/issued-in-the-future':
      return `the token was issued at ${instant(refusal.issuedAt)}, and it is ${instant(refusal.at)}: check the client's clock`;
  }
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
