import type { Issue } from '../config/issue.ts';
import { loadRevocationList } from '../config/load-revocation-list.ts';
import type { RevocationFile } from '../config/types.ts';
import type { Certificate } from '../x509/certificate.ts';
import { type CertificateRevocationList, readCertificateRevocationLists } from '../x509/crl.ts';
import { isCertificateRevocationLists } from '../x509/crl-pem.ts';
import { parsePemCertificates } from '../x509/pem.ts';
import type { RevocationList } from '../x509/revocation.ts';
import type { ReadFile } from './anchors.ts';
import { attempt } from './attempt.ts';
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
export interface RevocationReading {
  readonly readFile: ReadFile;
  readonly issuers: readonly Certificate[];
}

/** Reads revocation files, lists and CRLs told apart by content; gives an error for each that cannot be used. */
export function readRevocationFiles(
  path: string,
  files: readonly RevocationFile[],
  reading: RevocationReading,
): { readonly sources: RevocationSources; readonly errors: readonly FieldError[] } {
  const lists: RevocationList[] = [];
  const crls: CertificateRevocationList[] = [];
  const issuers: Certificate[] = [];
  const errors: FieldError[] = [];
  for (const [index, file] of files.entries()) {
    const result = readOne(file, reading);
    if (result.ok) {
      lists.push(...result.sources.lists);
      crls.push(...result.sources.crls);
      issuers.push(...result.sources.issuers);
    } else errors.push(invalid(`${path}[${index}].${result.field}`, file[result.field], result.error));
  }
  return { sources: { lists, crls, issuers }, errors };
}

type Reading =
  | { readonly ok: true; readonly sources: RevocationSources }
  | { readonly ok: false; readonly field: 'file' | 'issuerFile'; readonly error: string };

function readOne({ file, issuerFile }: RevocationFile, { readFile, issuers }: RevocationReading): Reading {
  const contents = attempt(() => readFile(file));
  if (!contents.ok) return { ok: false, field: 'file', error: contents.error };
  if (!isCertificateRevocationLists(contents.value)) return readList(contents.value.toString('utf8'));
  let authorities = issuers;
  if (issuerFile !== '') {
    const pem = attempt(() => readFile(issuerFile).toString('utf8'));
    const parsed = pem.ok ? parsePemCertificates(pem.value) : pem;
    if (!parsed.ok) return { ok: false, field: 'issuerFile', error: parsed.error };
    authorities = parsed.certificates;
  }
  const read = readCertificateRevocationLists(contents.value, authorities);
  if (!read.ok) return { ok: false, field: 'file', error: read.error };
  const sources = { lists: [], crls: read.lists, issuers: read.lists.map(({ issuer }) => issuer) };
  return { ok: true, sources };
}

function readList(text: string): Reading {
  const loaded = loadRevocationList(text);
  if (loaded.kind === 'invalid') return { ok: false, field: 'file', error: describeIssues(loaded.issues) };
  return { ok: true, sources: { ...NO_REVOCATION_SOURCES, lists: [loaded.list] } };
}

/** They are of another file than the one that is compiled, so that their places stand in their text. */
function describeIssues(issues: readonly Issue[]): string {
  return issues.map(({ line, column, message }) => `${line}:${column}: ${message}`).join('; ');
}
