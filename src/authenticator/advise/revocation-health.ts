import type { RevocationFile } from '../../config/types.ts';
import type { RevocationList } from '../../config/revocation-list.ts';
import type { Certificate } from '../../x509/certificate.ts';
import type { CertificateRevocationList } from '../../x509/crl.ts';
import { maySignCertificates } from '../../x509/issuance.ts';
import { commonName } from '../../x509/name.ts';
import { hasCrlOf } from '../../x509/revocation.ts';
import { anchorSetsOf } from '../anchor-sets.ts';
import type { Entry } from '../authenticator.ts';
import { readRevocationFiles, type RevocationSources } from '../read-revocation-files.ts';
import type { Advice, Finding } from './advice.ts';
import { nameOf } from './anchor-health.ts';
import type { Subject } from './subject.ts';

/** A CRL that is out of date. */
export const revocationStale: Advice = {
  id: 'revocation/stale',
  severity: 'error',
  title: 'a CRL is out of date',
  explanation:
    'The CRL was to be replaced by its nextUpdate, or is not valid before its thisUpdate. Under onStale: Deny, which is the default, every certificate of its issuer is denied; under Allow, whoever was revoked since then is let in. Have the file replaced in time by what fetches CRLs, such as a CronJob.',
  find: (subject) => filesOf(subject).flatMap((file) => findStale(file, subject)),
};

/** A list that lists for nothing. */
export const revocationExpired: Advice = {
  id: 'revocation/lists-expired',
  severity: 'info',
  title: 'a revocation file lists what has expired',
  explanation:
    'An item, or a whole CRL, is of an authority that has expired, so that none of its certificates verifies any more and nothing is left to revoke. Such items make the file long and hard to review; take them out.',
  find: (subject) => filesOf(subject).flatMap((file) => findExpired(file, subject)),
};

/** An authority whose certificates cannot be revoked, where those of others can. */
export const revocationMissing: Advice = {
  id: 'revocation/issuer-without-crl',
  severity: 'warning',
  title: 'an issuer has no CRL, and others of the entry have one',
  explanation:
    'The entry has CRLs for some of its authorities and none for this one, so that a certificate of it is never found revoked unless a list names it. Add its CRL to revocation.files, or move the authority to an entry of its own that says by the absence of CRLs that it has none.',
  find: ({ authenticator }) => authenticator.entries.flatMap(findMissing),
};

/** A revocation file, where it is named, and what it holds. */
interface ReadFile {
  readonly path: string;
  readonly name: string;
  /** The authorities whose certificates it is asked about. */
  readonly anchors: readonly Certificate[];
  readonly sources: RevocationSources;
}

function filesOf(subject: Subject): readonly ReadFile[] {
  const { config, authenticator, surroundings } = subject;
  const read = (file: RevocationFile, path: string, entries: readonly Entry[]): readonly ReadFile[] => {
    const anchors = anchorsOf(entries);
    const { sources, errors } = readRevocationFiles(path, [file], {
      readFile: surroundings.readFile,
      absentFiles: 'unknown',
      issuers: anchors,
    });
    // What cannot be read has been reported by the compiler.
    return errors.length > 0 ? [] : [{ path, name: file.file, anchors, sources }];
  };
  const own = authenticator.entries.flatMap((entry) => {
    const files = config.x509[entry.index]?.revocation.files ?? [];
    return files.flatMap((file, index) =>
      read(file, `x509[${entry.index}].revocation.files[${index}].file`, [entry]),
    );
  });
  const ofServer = surroundings.revocationFiles.flatMap((file) =>
    read({ file, issuerFile: '' }, '', authenticator.entries),
  );
  return [...own, ...ofServer];
}

function anchorsOf(entries: readonly Entry[]): readonly Certificate[] {
  return anchorSetsOf(entries).flatMap(({ bundle }) => bundle.anchors);
}

function findStale({ path, name, sources }: ReadFile, { surroundings: { at } }: Subject): readonly Finding[] {
  return sources.crls.flatMap((crl) => {
    const problem = staleness(crl, at);
    const message = `${name}: the CRL of ${nameOf(crl.issuer)} ${problem}`;
    return problem === undefined ? [] : [{ path, message }];
  });
}

function staleness({ thisUpdate, nextUpdate }: CertificateRevocationList, at: number): string | undefined {
  if (nextUpdate < at) return `was to be replaced by ${new Date(nextUpdate).toISOString()}`;
  return thisUpdate > at ? `is not valid before ${new Date(thisUpdate).toISOString()}` : undefined;
}

function findExpired(file: ReadFile, subject: Subject): readonly Finding[] {
  const { at } = subject.surroundings;
  const ofCrls = file.sources.crls
    .filter(({ issuer }) => issuer.notAfter < at)
    .map(({ issuer }) => {
      return `the CRL of ${nameOf(issuer)}, which expired on ${dateOf(issuer.notAfter)}`;
    });
  const ofLists = file.sources.lists.flatMap((list) => expiredItems(list, file.anchors, at));
  return [...ofCrls, ...ofLists].map((what) => {
    return { path: file.path, message: `${file.name}: has ${what}: nothing is left to revoke` };
  });
}

function expiredItems(list: RevocationList, anchors: readonly Certificate[], at: number): readonly string[] {
  const serials = list.serials.flatMap((item) => {
    const issuers = anchors.filter((anchor) =>
      'issuerName' in item
        ? commonName(anchor.subject) === item.issuerName
        : anchor.subjectKeyId.toString('hex') === item.issuerKeyId,
    );
    return isGone(issuers, at)
      ? [`the serial number ${item.serial} of ${nameOf(issuers[0] as Certificate)}, which has expired`]
      : [];
  });
  const fingerprints = list.fingerprints.flatMap(({ sha256 }) => {
    const certificates = anchors.filter(({ fingerprint }) => fingerprint === sha256);
    return isGone(certificates, at) ? [`the fingerprint ${sha256}, whose certificate has expired`] : [];
  });
  return [...serials, ...fingerprints];
}

/** Whether there are such certificates, and all have expired. */
function isGone(certificates: readonly Certificate[], at: number): boolean {
  return certificates.length > 0 && certificates.every(({ notAfter }) => notAfter < at);
}

function findMissing(entry: Entry): readonly Finding[] {
  const { index, revocation } = entry;
  if (revocation === undefined) return [];
  const issuers = anchorsOf([entry]).filter(maySignCertificates);
  const without = issuers.filter((issuer) => !hasCrlOf(issuer, revocation.revocations));
  if (without.length === issuers.length) return [];
  const path = `x509[${index}].revocation`;
  return without.map((issuer) => {
    return { path, message: `${path}: ${nameOf(issuer)} has no CRL, and others of the entry have one` };
  });
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
