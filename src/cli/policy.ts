import { readFileSync } from 'node:fs';
import type { Authenticator } from '../authenticator/authenticator.ts';
import { compile } from '../authenticator/compile.ts';
import { loadConfig } from '../config/decode.ts';
import { decodeText } from '../config/decode-text.ts';
import type { Issue } from '../config/issue.ts';
import { Failure } from './failure.ts';
import { readFlagFile } from './read-file.ts';

/** The files that make a policy, as flags name them. */
export interface PolicyFiles {
  readonly config: string;
  readonly certificateAuthorityFile?: string;
  readonly revocationFile?: readonly string[];
}

/**
 * Loads and compiles a configuration with the files that it names; relative names in it are the process's.
 *
 * @throws Failure with every error of the configuration, each with its place.
 */
export function loadPolicy(flag: string, files: PolicyFiles): Authenticator {
  const decoded = decodeText(readFlagFile(flag, files.config));
  if (!decoded.ok) throw new Failure(`${flag}: ${files.config}: ${decoded.error}`);
  const loaded = loadConfig(decoded.text);
  if (loaded.kind === 'invalid') throw new Failure(describeIssues(files.config, loaded.issues));
  const { certificateAuthorityFile, revocationFile = [] } = files;
  const compiled = compile(loaded.config, {
    readFile: (path) => readFileSync(path),
    revocationFiles: revocationFile,
    ...(certificateAuthorityFile !== undefined && { certificateAuthorityFile }),
  });
  if (compiled.kind === 'invalid') throw new Failure(describeIssues(files.config, compiled.issues));
  return compiled.authenticator;
}

function describeIssues(file: string, issues: readonly Issue[]): string {
  const lines = issues.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  return [`${file} has ${issues.length} error${issues.length === 1 ? '' : 's'}`, ...lines].join('\n');
}
