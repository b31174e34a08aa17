import type { Authenticator } from '../../authenticator/authenticator.ts';
import type { AnchorsSource, Config } from '../../config/types.ts';
import { toPem } from '../../x509/build.ts';
import { compilePolicy, type PolicyFiles, readConfig } from '../policy.ts';
import { readWholeFile } from '../read-file.ts';
import { createStandIn } from './stand-in.ts';

/** A policy for synthetic certificates, and the files of anchors that are named, are not here and have stand-ins. */
export interface Rehearsal {
  readonly authenticator: Authenticator;
  readonly missing: readonly string[];
}

/** Stands for `--certificate-authority-file` where that flag is not given. */
const NO_FILE = '(no --certificate-authority-file)';

/**
 * Loads a policy as `loadPolicy` does, but where a file of anchors is not on this machine a throw-away CA takes its place: a
 * policy's rules can be tried far from the control plane that they are for.
 *
 * @throws Failure with every other error of the configuration.
 */
export async function loadRehearsal(flag: string, files: PolicyFiles, at: number): Promise<Rehearsal> {
  const config = readConfig(flag, files.config);
  const { readFile = readWholeFile } = files;
  const certificateAuthorityFile = files.certificateAuthorityFile ?? NO_FILE;
  const missing = anchorFilesOf(config, certificateAuthorityFile).filter((path) => isMissing(path, readFile));
  const standIns = new Map<string, Buffer>();
  for (const path of missing) {
    const { certificate } = await createStandIn(path, at);
    standIns.set(path, Buffer.from(toPem(certificate.der, 'CERTIFICATE')));
  }
  const authenticator = compilePolicy(config, {
    ...files,
    certificateAuthorityFile,
    readFile: (path) => standIns.get(path) ?? readFile(path),
  });
  return { authenticator, missing: missing.filter((path) => path !== NO_FILE) };
}

/** The files that anchors are read from, each once. */
function anchorFilesOf({ x509 }: Config, serverFile: string): readonly string[] {
  const files = new Set<string>();
  const add = ({ certificateAuthority, certificateAuthorityFile }: AnchorsSource): void => {
    if (certificateAuthorityFile !== '') files.add(certificateAuthorityFile);
    else if (certificateAuthority === '') files.add(serverFile);
  };
  for (const { issuer, workload } of x509) {
    add(issuer);
    for (const domain of workload?.federatedTrustDomains ?? []) add(domain);
  }
  return [...files];
}

function isMissing(path: string, readFile: (path: string) => Buffer): boolean {
  if (path === NO_FILE) return true;
  try {
    readFile(path);
    return false;
  } catch (error) {
    // What is there and cannot be read is for the compiler to report.
    return error instanceof Error && 'code' in error && error.code === 'ENOENT';
  }
}
