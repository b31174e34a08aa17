import type { AnchorsSource, Config } from '../../config/types.ts';
import { isMissing } from '../anchors.ts';
import type { Advice } from './advice.ts';

/** A file that could not be looked into. */
export const absentFile: Advice = {
  id: 'file/absent',
  severity: 'info',
  title: 'a file that the configuration names is not here',
  explanation:
    'A file of anchors or of revocations is not on this machine, so that what depends on it was not checked: whether the file can be read, what its anchors are, which entry takes whose certificates. `serve` does not start without the file. Where the files stand elsewhere, say so with --root DIR, under which absolute paths are then looked up.',
  find: ({ config, surroundings }) =>
    namedFiles(config).flatMap(([path, file]) =>
      isMissing(() => surroundings.readFile(file))
        ? [{ path, message: `${path}: ${file} is not here: what depends on it was not checked` }]
        : [],
    ),
};

function namedFiles({ x509 }: Config): readonly (readonly [string, string])[] {
  const files = x509.flatMap((entry, index) => {
    const path = `x509[${index}]`;
    const federated = entry.workload?.federatedTrustDomains ?? [];
    return [
      authorityFile(`${path}.issuer`, entry.issuer),
      ...federated.map((domain, item) =>
        authorityFile(`${path}.workload.federatedTrustDomains[${item}]`, domain),
      ),
      ...entry.revocation.files.flatMap(({ file, issuerFile }, item) => {
        const filePath = `${path}.revocation.files[${item}]`;
        return [[`${filePath}.file`, file] as const, [`${filePath}.issuerFile`, issuerFile] as const];
      }),
    ];
  });
  return files.filter(([, file]) => file !== '');
}

function authorityFile(path: string, source: AnchorsSource): readonly [string, string] {
  return [`${path}.certificateAuthorityFile`, source.certificateAuthorityFile];
}
