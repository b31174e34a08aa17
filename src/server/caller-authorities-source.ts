import { parseTrustBundle, type TrustBundle } from '../x509/trust-bundle.ts';
import type { FileSource } from './file-source.ts';

/** The anchors that callers' certificates must chain to, and their PEM, which is the hint that callers get in the handshake. */
export interface CallerAuthorities {
  readonly bundle: TrustBundle;
  readonly pem: string;
}

/** `--caller-ca-file`, or under another name `--terminator-ca-file`. */
export function callerAuthoritiesSource(
  path: string,
  name: 'caller-authorities' | 'terminator-authorities' = 'caller-authorities',
): FileSource<CallerAuthorities> {
  return {
    name,
    firstFileStandsIn: 'never',
    load(read) {
      const pem = read(path).toString('utf8');
      const parsed = parseTrustBundle(pem);
      if (!parsed.ok) return { kind: 'invalid', problem: `${path}: ${parsed.error}` };
      const { bundle } = parsed;
      if (bundle.anchors.length === 0) return { kind: 'invalid', problem: `${path}: no certificate in it` };
      return { kind: 'loaded', value: { bundle, pem }, warnings: [] };
    },
  };
}
