import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findFiles } from '../server/find-files.ts';
import { readRegularFile } from '../server/read-regular-file.ts';
import { reasonOf } from '../server/reason-of.ts';
import { Failure } from './failure.ts';
import { type ChainResult, readCertificates } from './read-certificates.ts';
import { readWholeFile } from './read-file.ts';

/** Names of the files that are read of a directory. */
const CERTIFICATE_FILE = /\.(?:pem|crt|cer|der)$/i;

/** A file, and whether it was named or is one of many in a directory, where keys and other things may lie, too. */
export interface CertificateFile {
  readonly path: string;
  readonly by: 'name' | 'search';
}

/**
 * The files that arguments stand for, in their order: a file; of a directory and what is below it the .pem, .crt, .cer and .der
 * files, sorted; of a pattern (`*` for any characters of a name, `?` for one) what it matches, sorted; of `-` the names on standard
 * input, a line each.
 *
 * @throws Failure for what is not there; of the names on standard input those stand for themselves.
 */
export function findCertificateFiles(names: readonly string[]): readonly CertificateFile[] {
  return names.flatMap((name) => (name === '-' ? readNames().flatMap(findListed) : find(name)));
}

/** Of a file: its certificates, or why it cannot be used. One that a search found is not waited for: it may be a pipe. */
export function readCertificateFile({ path, by }: CertificateFile): ChainResult {
  try {
    return readCertificates(by === 'name' ? readWholeFile(path) : readRegularFile(path));
  } catch (error) {
    return { ok: false, error: reasonOf(error) };
  }
}

function find(name: string): readonly CertificateFile[] {
  if (/[*?]/.test(name) && !exists(name)) return search(findFiles(name).files, name);
  return isDirectory(name) ? search(listDirectory(name), name) : [{ path: name, by: 'name' }];
}

/** One bad name in a long list must not keep the others from being read. */
function findListed(name: string): readonly CertificateFile[] {
  return exists(name) || /[*?]/.test(name) ? find(name) : [{ path: name, by: 'name' }];
}

function readNames(): readonly string[] {
  const names = readFileSync(0, 'utf8').split(/\r?\n/);
  const given = names.filter((name) => name !== '' && name !== '-');
  if (given.length === 0) throw new Failure('-: no names of files on standard input');
  return given;
}

function search(paths: readonly string[], name: string): readonly CertificateFile[] {
  if (paths.length === 0) throw new Failure(`${name}: no certificate files there`);
  return paths.map((path) => ({ path, by: 'search' }));
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new Failure(`cannot read ${path}: ${reasonOf(error)}`);
  }
}

function listDirectory(directory: string): readonly string[] {
  try {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory() && CERTIFICATE_FILE.test(entry.name));
    return files.map((file) => join(file.parentPath, file.name)).sort();
  } catch (error) {
    throw new Failure(`cannot read ${directory}: ${reasonOf(error)}`);
  }
}
