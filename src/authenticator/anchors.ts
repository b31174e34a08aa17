import { parseTrustBundle, type TrustBundle } from '../x509/trust-bundle.ts';
import type { X509Issuer } from '../config/types.ts';
import type { CompileInputs } from './compile.ts';

/** An entry's anchors and whose they are, or which field is at fault. */
export type AnchorsResult =
  | { readonly ok: true; readonly bundle: TrustBundle; readonly anchorsOf: 'entry' | 'server' }
  | { readonly ok: false; readonly field: string; readonly value: string; readonly problem: string };
