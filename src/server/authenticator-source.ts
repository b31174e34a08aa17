import { isDeepStrictEqual } from 'node:util';
import type { Authenticator } from '../authenticator/authenticator.ts';
import { compile } from '../authenticator/compile.ts';
import { loadConfig } from '../config/decode.ts';
import { decodeText } from '../config/decode-text.ts';
import type { Issue } from '../config/issue.ts';
import type { Config } from '../config/types.ts';
import { type CertificateRevocationList, findRollback } from '../x509/crl.ts';
import type { FileSource, Loaded } from './file-source.ts';
import { describeErrors, describeIssue } from './issue-text.ts';

/** The files that an authenticator begins with; the configuration may name more. */
export interface AuthenticatorFiles {
  readonly config: string;
  /** Anchors of entries without their own. */
  readonly certificateAuthorityFile?: string;
  /** Revocation lists and CRLs that hold for every entry. */
  readonly revocationFiles: readonly string[];
}

/**
 * The authenticator: file, decode, compile. `anonymous` must stay as it was at the start, as in kube-apiserver, which gets the
 * same file without our part.
 */
export function authenticatorSource(files: AuthenticatorFiles): FileSource<Authenticator> {
  let initial: Pick<Config, 'anonymous'> | undefined;
  let inForce: readonly CertificateRevocationList[] = [];
  return {
    name: 'authentication-config',
    firstFileStandsIn: 'when-bad',
    load(read) {
      const text = decodeText(read(files.config));
      if (!text.ok) return { kind: 'invalid', problem: `${files.config}: ${text.error}` };
      const decoded = loadConfig(text.text);
      if (decoded.kind === 'invalid') return invalid(files.config, decoded.issues);
      const { anonymous } = decoded.config;
      initial ??= { ...(anonymous !== undefined && { anonymous }) };
      if (!isDeepStrictEqual(anonymous, initial.anonymous)) {
        return {
          kind: 'invalid',
          problem: `${files.config}: anonymous: Forbidden: changed from initial configuration file`,
        };
      }
      const compiled = compile(decoded.config, {
        readFile: read,
        revocationFiles: files.revocationFiles,
        ...(files.certificateAuthorityFile !== undefined && {
          certificateAuthorityFile: files.certificateAuthorityFile,
        }),
      });
      if (compiled.kind === 'invalid') return invalid(files.config, compiled.issues);
      const crls = crlsOf(compiled.authenticator);
      const rollback = findRollback(crls, inForce);
      if (rollback !== undefined)
        return {
          kind: 'invalid',
          problem: `${files.config}: a CRL is older than the one in force: ${rollback}`,
        };
      inForce = crls;
      const warnings = [...decoded.warnings, ...compiled.warnings];
      return {
        kind: 'loaded',
        value: compiled.authenticator,
        warnings: warnings.map((issue) => describeIssue(files.config, issue)),
      };
    },
  };
}

/** Every CRL that an authenticator looks certificates up in. */
function crlsOf({ entries }: Authenticator): readonly CertificateRevocationList[] {
  return entries.flatMap(({ revocation }) => [...(revocation?.revocations.crls.values() ?? [])].flat());
}

function invalid(file: string, issues: readonly Issue[]): Loaded<Authenticator> {
  return { kind: 'invalid', problem: describeErrors(file, issues) };
}
