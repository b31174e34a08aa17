import type { PathRefusal } from './path-refusal.ts';

/** Why one branch of a search led to no anchor, and how many certificates with genuine signatures it had by then. */
export interface SearchFailure {
  readonly refusal: PathRefusal;
  readonly depth: number;
}

/**
 * Of the reasons of two branches the more specific: that the search was cut short, before a fault of a certificate,
 * before an issuer that is not to be found; among these that of the branch which led further; then a signature that
 * does not verify before no candidate at all; and of what is alike the earlier, since likelier candidates are tried
 * first.
 */
export function moreSpecific(earlier: SearchFailure, later: SearchFailure): SearchFailure {
  const [first, second] = [rankOf(earlier), rankOf(later)];
  const index = first.findIndex((rank, position) => rank !== second[position]);
  return index >= 0 && (second[index] ?? 0) > (first[index] ?? 0) ? later : earlier;
}

function rankOf({ refusal, depth }: SearchFailure): readonly number[] {
  switch (refusal.code) {
    case 'path/signature-limit':
      return [2, depth, 0];
    case 'path/unknown-authority':
      return [0, depth, refusal.hint === undefined ? 0 : 1];
    case 'path/unhandled-critical-extension':
    case 'path/expired':
    case 'path/not-yet-valid':
    case 'path/not-an-authority':
    case 'path/too-long':
    case 'path/name-not-permitted':
    case 'path/key-usage':
    case 'path/policy':
      return [1, depth, 0];
  }
}
