import type { Certificate } from './certificate.ts';
import { ExtendedKeyUsage } from './key-usage.ts';

/**
 * Whether a path may authenticate clients: every certificate of it, the anchor included, that lists extended key
 * usages must list clientAuth or any (RFC 5280 §4.2.1.12 says it of the leaf only; nesting is what Go and the web's
 * authorities do).
 */
export function allowsClientAuth(path: readonly Certificate[]): boolean {
  return path.every(
    ({ extKeyUsages }) =>
      extKeyUsages.length === 0 ||
      extKeyUsages.includes(ExtendedKeyUsage.clientAuth) ||
      extKeyUsages.includes(ExtendedKeyUsage.any),
  );
}
