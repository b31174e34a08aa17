import { isDeepStrictEqual } from 'node:util';
import type { Authenticator } from '../authenticator/authenticator.ts';
import { compile } from '../authenticator/compile.ts';
import { loadConfig } from '../config/decode.ts';
import { decodeText } from '../config/decode-text.ts';
import type { Issue } from '../config/issue.ts';
import type { Config } from '../config/types.ts';
import type { FileSource, Loaded } from './file-source.ts';

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
      const warnings = [...decoded.warnings, ...compiled.warnings];
      return {
        kind: 'loaded',
        value: compiled.authenticator,
        warnings: warnings.map((issue) => describe(files.config, issue)),
      };
    },
  };
}

function invalid(file: string, issues: readonly Issue[]): Loaded<Authenticator> {
  const lines = issues.map((issue) => describe(file, issue));
  return {
    kind: 'invalid',
    problem: [`${file} has ${issues.length} error${issues.length === 1 ? '' : 's'}`, ...lines].join('\n'),
  };
}

/** `file:line:column: message`, as editors and CI systems find it. */
function describe(file: string, { line, column, message }: Issue): string {
  return `${file}:${line}:${column}: ${message}`;
}
