import type { Issue } from '../config/issue.ts';
import type { Config } from '../config/types.ts';
import { createPathVerifier } from '../x509/path-verifier.ts';
import type { Authenticator } from './authenticator.ts';
import { compileEntry } from './compile-entry.ts';
import type { FieldError } from './field-error.ts';

/** What a configuration is compiled with, beside itself. */
export interface CompileInputs {
  /** The bytes of a file that the configuration names; throws an error whose message is for the user. */
  readonly readFile: (path: string) => Buffer;
  /** The anchors of entries without their own. */
  readonly certificateAuthorityFile?: string;
  /** Issuer URLs that no `jwt` entry may have: the cluster's own service-account issuers. */
  readonly disallowedIssuers?: readonly string[];
}

export type Compiled =
  | { readonly kind: 'compiled'; readonly authenticator: Authenticator; readonly warnings: readonly Issue[] }
  | { readonly kind: 'invalid'; readonly issues: readonly Issue[] };
