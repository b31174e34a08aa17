import type { Authenticator } from '../../authenticator/authenticator.ts';
import { EMPTY_LIST } from '../../config/edit-revocation-list.ts';
import type { AnchorsSource, Config } from '../../config/types.ts';
import { isMissing } from '../../authenticator/anchors.ts';
import { toPem } from '../../x509/pem.ts';
import { compilePolicy, type PolicyFiles, readConfig } from '../policy.ts';
import { readWholeFile } from '../read-file.ts';
import { createStandIn } from './stand-in.ts';

/** A policy for synthetic certificates, and what is said of the files that it names and that are not here. */
export interface Rehearsal {
  readonly authenticator: Authenticator;
  readonly notes: readonly string[];
}

/** Stands for `--certificate-authority-file` where that flag is not given. */
const NO_FILE = '(no --certificate-authority-file)';

/**
 * Loads a policy as `loadPolicy` does, but where a file that it names is not on this machine something takes its place, of anchors a
 * throw-away CA, of a revocation file an empty list: a policy's rules can be tried far from the control plane that they are for.
 *
 * @throws Failure with every other error of the configuration.
 */
export async function loadRehearsal(flag: string, files: PolicyFiles, at: number): Promise<Rehearsal> {
  const config = readConfig(flag, files.config);
  const { readFile = readWholeFile } = files;
  const certificateAuthorityFile = files.certificateAuthorityFile ?? NO_FILE;
  const isAway = (path: string): boolean => path === NO_FILE || isMissing(() => readFile(path));
  const anchors = anchorFilesOf(config, certificateAuthorityFile).filter(isAway);
  const lists = revocationFilesOf(config).filter(isAway);
  const standIns = new Map(lists.map((path) => [path, Buffer.from(EMPTY_LIST.text)]));
  for (const path of anchors) {
    const { certificate } = await createStandIn(path, at);
    standIns.set(path, Buffer.from(toPem(certificate.der, 'CERTIFICATE')));
  }
  const authenticator = compilePolicy(config, {
    ...files,
    certificateAuthorityFile,
    readFile: (path) => standIns.get(path) ?? readFile(path),
  });
  const named = anchors.filter((path) => path !== NO_FILE);
  return {
    authenticator,
    notes: [
      ...named.map((path) => `${path} is not here: a stand-in took its place`),
      ...lists.map((path) => `${path} is not here: it revokes nothing`),
    ],
  };
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

function revocationFilesOf({ x509 }: Config): readonly string[] {
  return [...new Set(x509.flatMap(({ revocation }) => revocation.files.map(({ file }) => file)))];
}
