import type { Authenticator } from '../authenticator/authenticator.ts';
import { compile } from '../authenticator/compile.ts';
import { loadConfig } from '../config/decode.ts';
import { decodeText } from '../config/decode-text.ts';
import type { Config } from '../config/types.ts';
import { describeErrors } from '../server/issue-text.ts';
import { Failure } from './failure.ts';
import { readFlagFile, readWholeFile } from './read-file.ts';

/** The files that make a policy, as flags name them. */
export interface PolicyFiles {
  readonly config: string;
  readonly certificateAuthorityFile?: string | undefined;
  readonly revocationFile?: readonly string[];
  /** Reads what the configuration and flags name; absent: from the file system, relative names from where the process runs. */
  readonly readFile?: (path: string) => Buffer;
}

/**
 * Loads and compiles a configuration with the files that it names.
 *
 * @throws Failure with every error of the configuration, each with its place.
 */
export function loadPolicy(flag: string, files: PolicyFiles): Authenticator {
  return compilePolicy(readConfig(flag, files.config), files);
}

/**
 * Decodes a configuration.
 *
 * @throws Failure with every error in it, each with its place.
 */
export function readConfig(flag: string, path: string): Config {
  const decoded = decodeText(readFlagFile(flag, path));
  if (!decoded.ok) throw new Failure(`${flag}: ${path}: ${decoded.error}`);
  const loaded = loadConfig(decoded.text);
  if (loaded.kind === 'invalid') throw new Failure(describeErrors(path, loaded.issues));
  return loaded.config;
}

/**
 * Compiles a configuration with the files that it names.
 *
 * @throws Failure with every error of the configuration, each with its place.
 */
export function compilePolicy(config: Config, files: PolicyFiles): Authenticator {
  const { certificateAuthorityFile, revocationFile = [], readFile = readWholeFile } = files;
  const compiled = compile(config, {
    readFile,
    revocationFiles: revocationFile,
    ...(certificateAuthorityFile !== undefined && { certificateAuthorityFile }),
  });
  if (compiled.kind === 'invalid') throw new Failure(describeErrors(files.config, compiled.issues));
  return compiled.authenticator;
}
