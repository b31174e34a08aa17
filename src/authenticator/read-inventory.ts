import type { Certificate } from '../x509/certificate.ts';
import { parsePemCertificates } from '../x509/pem.ts';
import { type AbsentFiles, isAbsent, type ReadFile } from './anchors.ts';
import { type FieldError, invalid } from './field-error.ts';

/** The files that a path of the inventory stands for. */
export interface FoundFiles {
  readonly files: readonly string[];
  /** Whether the path is a file's own name, or a directory or pattern with any number of them. */
  readonly by: 'name' | 'search';
}

/** Finds the files of a path; throws an error whose message is for the user. */
export type FindFiles = (pattern: string) => FoundFiles;

/** Where an inventory is read from. */
export interface InventorySource {
  readonly findFiles: FindFiles;
  readonly readFile: ReadFile;
  /** What a path stands for that is not there: an error where nothing is said, nothing where it may be elsewhere. */
  readonly absentFiles?: AbsentFiles;
}

/** What a path of the inventory gave; `problems` are of files that were passed over. */
export type InventoryPart =
  | { readonly ok: true; readonly certificates: readonly Certificate[]; readonly problems: readonly string[] }
  | { readonly ok: false; readonly error: FieldError };

/**
 * Reads the certificates of one path. A file that was named must be readable; one that a search found is passed over when it is not, so
 * that one bad file in a directory cannot keep a new revocation from coming into force.
 */
export function readInventoryPart(path: string, pattern: string, source: InventorySource): InventoryPart {
  const found = attempt(() => source.findFiles(pattern));
  if (!found.ok && found.isAbsent && source.absentFiles === 'unknown')
    return { ok: true, certificates: [], problems: [] };
  if (!found.ok) return { ok: false, error: invalid(path, pattern, found.error) };
  const { files, by } = found.value;
  const certificates: Certificate[] = [];
  const problems: string[] = files.length === 0 ? ['no file is found there'] : [];
  for (const file of files) {
    const contents = attempt(() => source.readFile(file));
    const parsed = contents.ok ? parsePemCertificates(contents.value.toString('utf8')) : contents;
    if (parsed.ok) for (const certificate of parsed.certificates) certificates.push(certificate);
    else if (by === 'name') return { ok: false, error: invalid(path, pattern, parsed.error) };
    else problems.push(`${file} is passed over: ${parsed.error}`);
  }
  return { ok: true, certificates, problems };
}

type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string; readonly isAbsent: boolean };

function attempt<T>(action: () => T): Attempt<T> {
  try {
    return { ok: true, value: action() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, error: message, isAbsent: isAbsent(error) };
  }
}
