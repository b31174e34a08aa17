import type { Issue } from '../config/issue.ts';
import type { Config } from '../config/types.ts';
import { createPathVerifier } from '../x509/path-verifier.ts';
import type { AbsentFiles, ReadFile } from './anchors.ts';
import type { Authenticator, Entry } from './authenticator.ts';
import { compileEntries } from './compile-entries.ts';
import { toIssue } from './field-error.ts';
import { findIdleFields, toIdleIssuers } from './idle-fields.ts';
import { createJwtChecks } from './jwt-checks.ts';
import { readsRemoteAddress } from './rules.ts';
import { findSkippedBlocks } from './skipped-blocks.ts';
import { validateKubernetesFields } from './validate-jwt.ts';

/** What a configuration is compiled with, beside itself. */
export interface CompileInputs {
  readonly readFile: ReadFile;
  /** The anchors of entries without their own. */
  readonly certificateAuthorityFile?: string;
  /** Revocation lists and CRLs that hold for every entry. */
  readonly revocationFiles?: readonly string[];
  /** What becomes of files that are not there; absent: they are an error. */
  readonly absentFiles?: AbsentFiles;
  /** Issuer URLs that no `jwt` entry may have: the cluster's own service-account issuers. */
  readonly disallowedIssuers?: readonly string[];
}

export type Compiled =
  | { readonly kind: 'compiled'; readonly authenticator: Authenticator; readonly warnings: readonly Issue[] }
  | { readonly kind: 'invalid'; readonly issues: readonly Issue[] };

/** Compiles a configuration into what decides, or reports every error there is: the linter and the server call this alike. */
export function compile(config: Config, inputs: CompileInputs): Compiled {
  const { disallowedIssuers = [] } = inputs;
  const kubernetes = validateKubernetesFields(config, createJwtChecks(disallowedIssuers));
  const compiled = compileEntries(config.x509, inputs);
  if (kubernetes.length > 0 || !compiled.ok) {
    const errors = [...kubernetes, ...(compiled.ok ? [] : compiled.errors)];
    return { kind: 'invalid', issues: errors.map((error) => toIssue(error, config.source)) };
  }
  const { entries, idleIssuers } = compiled;
  const authenticator = Object.freeze({ entries: Object.freeze(entries), paths: createPathVerifier() });
  const warnings = [
    ...findUnsuppliable(config, entries),
    ...findIdleFields(config),
    ...toIdleIssuers(idleIssuers, config.source),
    ...findSkippedBlocks(entries, config.source, inputs.certificateAuthorityFile),
  ];
  return { kind: 'compiled', authenticator, warnings };
}

/** Rules that a TokenReview, which carries no client address, can only deny. */
function findUnsuppliable(config: Config, entries: readonly Entry[]): readonly Issue[] {
  return entries.flatMap(({ index, id, requestRules }) =>
    requestRules.flatMap(({ program }, rule) => {
      if (!readsRemoteAddress(program)) return [];
      const path = `x509[${index}].requestValidationRules[${rule}].expression`;
      const message = `${path}: reads request.remoteaddr, which a TokenReview does not carry: through the webhook ${id} denies everybody who has no session (/exchange, /auth)`;
      return [
        {
          id: 'rule/remoteaddr-unknown',
          path,
          severity: 'warning' as const,
          message,
          ...config.source.locate(path),
        },
      ];
    }),
  );
}
