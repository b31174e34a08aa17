import { decodeText } from '../config/decode-text.ts';
import type { Issue } from '../config/issue.ts';
import { loadRevocationList } from '../config/load-revocation-list.ts';
import type { RevocationFile } from '../config/types.ts';
import type { Certificate } from '../x509/certificate.ts';
import { type CertificateRevocationList, readCertificateRevocationLists } from '../x509/crl.ts';
import { isCertificateRevocationLists } from '../x509/crl-pem.ts';
import { parsePemCertificates } from '../x509/pem.ts';
import type { RevocationList } from '../x509/revocation.ts';
import { type AnchorReading, isAbsent } from './anchors.ts';
import { type FieldError, invalid } from './field-error.ts';

/** What revokes certificates, and the authorities that were named as issuers of CRLs. */
export interface RevocationSources {
  readonly lists: readonly RevocationList[];
  readonly crls: readonly CertificateRevocationList[];
  readonly issuers: readonly Certificate[];
}

/** Where nothing is revoked. */
export const NO_REVOCATION_SOURCES: RevocationSources = { lists: [], crls: [], issuers: [] };

/** How files are read, and the authorities whose CRLs are taken without naming their issuer. */
export interface RevocationReading extends AnchorReading {
  readonly issuers: readonly Certificate[];
}

/** What was read of revocation files. */
export interface ReadRevocations {
  readonly sources: RevocationSources;
  /** Of files that cannot be used. */
  readonly errors: readonly FieldError[];
  /** The fields that name an issuer for a RevocationList, whose items say themselves of whom they are. */
  readonly idleIssuers: readonly string[];
}

/** Reads revocation files, lists and CRLs told apart by content; gives an error for each that cannot be used. */
export function readRevocationFiles(
  path: string,
  files: readonly RevocationFile[],
  reading: RevocationReading,
): ReadRevocations {
  const lists: RevocationList[] = [];
  const crls: CertificateRevocationList[] = [];
  const issuers: Certificate[] = [];
  const errors: FieldError[] = [];
  const idleIssuers: string[] = [];
  for (const [index, file] of files.entries()) {
    const result = readOne(file, reading);
    if (result.ok) {
      lists.push(...result.sources.lists);
      crls.push(...result.sources.crls);
      issuers.push(...result.sources.issuers);
      if (result.sources.lists.length > 0 && file.issuerFile !== '')
        idleIssuers.push(`${path}[${index}].issuerFile`);
    } else errors.push(invalid(`${path}[${index}].${result.field}`, file[result.field], result.error));
  }
  return { sources: { lists, crls, issuers }, errors, idleIssuers };
}

type Reading =
  | { readonly ok: true; readonly sources: RevocationSources }
  | { readonly ok: false; readonly field: 'file' | 'issuerFile'; readonly error: string };

const NOTHING_READ: Reading = { ok: true, sources: NO_REVOCATION_SOURCES };

function readOne({ file, issuerFile }: RevocationFile, reading: RevocationReading): Reading {
  const contents = attemptFile(() => reading.readFile(file), reading);
  if (!contents.ok) return contents.isUnknown ? NOTHING_READ : { ...contents, field: 'file' };
  if (!isCertificateRevocationLists(contents.value)) return readList(contents.value);
  let authorities = reading.issuers;
  if (issuerFile !== '') {
    const pem = attemptFile(() => reading.readFile(issuerFile).toString('utf8'), reading);
    if (!pem.ok) return pem.isUnknown ? NOTHING_READ : { ...pem, field: 'issuerFile' };
    const parsed = parsePemCertificates(pem.value);
    if (!parsed.ok) return { ok: false, field: 'issuerFile', error: parsed.error };
    authorities = parsed.certificates;
  }
  // Whose it could be is not known.
  if (authorities.length === 0 && reading.absentFiles === 'unknown') return NOTHING_READ;
  const read = readCertificateRevocationLists(contents.value, authorities);
  if (!read.ok) return { ok: false, field: 'file', error: read.error };
  const sources = { lists: [], crls: read.lists, issuers: read.lists.map(({ issuer }) => issuer) };
  return { ok: true, sources };
}

function readList(bytes: Buffer): Reading {
  const decoded = decodeText(bytes);
  if (!decoded.ok) return { ok: false, field: 'file', error: decoded.error };
  const loaded = loadRevocationList(decoded.text);
  if (loaded.kind === 'invalid') return { ok: false, field: 'file', error: describeIssues(loaded.issues) };
  return { ok: true, sources: { ...NO_REVOCATION_SOURCES, lists: [loaded.list] } };
}

/** They are of another file than the one that is compiled, so that their places stand in their text. */
function describeIssues(issues: readonly Issue[]): string {
  return issues.map(({ line, column, message }) => `${line}:${column}: ${message}`).join('; ');
}

type FileAttempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string; readonly isUnknown: boolean };

function attemptFile<T>(action: () => T, { absentFiles }: AnchorReading): FileAttempt<T> {
  try {
    return { ok: true, value: action() };
  } catch (error) {
    const isUnknown = absentFiles === 'unknown' && isAbsent(error);
    return { ok: false, error: error instanceof Error ? error.message : String(error), isUnknown };
  }
}
