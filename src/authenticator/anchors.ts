import type { AnchorsSource, X509Entry } from '../config/types.ts';
import { parseTrustBundle, toTrustBundle, type TrustBundle } from '../x509/trust-bundle.ts';
import { parseBundleFile } from './bundle-file.ts';
import { duplicate, type FieldError, invalid, required } from './field-error.ts';

/** Reads a file that the configuration names; throws an error whose message is for the user. */
export type ReadFile = (path: string) => Buffer;

/**
 * What becomes of a file that is not there, or of anchors that nobody named: `refused` is an error; `unknown` leaves a bundle
 * without anchors, which is for looking at a configuration where its files are not, and never for deciding.
 */
export type AbsentFiles = 'refused' | 'unknown';

/** An entry's anchors and whose they are. */
export interface Anchors {
  readonly bundle: TrustBundle;
  readonly anchorsOf: 'entry' | 'server';
}

/** The anchors of entries without their own: a file, named by flag; or what is wrong with it, undefined where none is named. */
export type ServerAnchors =
  | { readonly ok: true; readonly bundle: TrustBundle }
  | { readonly ok: false; readonly error: FieldError | undefined };

export type AnchorsResult =
  | { readonly ok: true; readonly anchors: Anchors }
  | { readonly ok: false; readonly error: FieldError };

/** The server's anchors, read from the file that `--certificate-authority-file` names. */
export function readServerAnchors(path: string | undefined, reading: AnchorReading): ServerAnchors {
  if (path === undefined) {
    return reading.absentFiles === 'unknown'
      ? { ok: true, bundle: toTrustBundle([]) }
      : { ok: false, error: undefined };
  }
  const result = readBundle(path, reading);
  return result.ok
    ? result
    : { ok: false, error: invalid('--certificate-authority-file', path, result.error) };
}

/** The anchors of the issuer or the trust domain at a path: its own, else the server's. */
export function readAnchors(path: string, source: AnchorsSource, sources: AnchorSources): AnchorsResult {
  const { certificateAuthority, certificateAuthorityFile } = source;
  if (certificateAuthority !== '') {
    const result = parseTrustBundle(certificateAuthority);
    if (result.ok) return { ok: true, anchors: { bundle: result.bundle, anchorsOf: 'entry' } };
    return { ok: false, error: invalid(`${path}.certificateAuthority`, '<omitted>', result.error) };
  }
  if (certificateAuthorityFile !== '') {
    const result = readBundle(certificateAuthorityFile, sources);
    if (result.ok) return { ok: true, anchors: { bundle: result.bundle, anchorsOf: 'entry' } };
    return {
      ok: false,
      error: invalid(`${path}.certificateAuthorityFile`, certificateAuthorityFile, result.error),
    };
  }
  const { server } = sources;
  if (server.ok) return { ok: true, anchors: { bundle: server.bundle, anchorsOf: 'server' } };
  return { ok: false, error: server.error ?? required(path, NO_SERVER_ANCHORS) };
}

const NO_SERVER_ANCHORS =
  'certificateAuthority or certificateAuthorityFile is required, since there is no --certificate-authority-file';

/** How files of anchors are read. */
export interface AnchorReading {
  readonly readFile: ReadFile;
  readonly absentFiles: AbsentFiles;
}

/** Where anchors come from. */
export interface AnchorSources extends AnchorReading {
  readonly server: ServerAnchors;
}

/**
 * Entries of one issuer name and a common anchor: which of them decides would depend on the chain that a client chose to
 * send, so the second is an error.
 */
export function findSharedIssuers(
  entries: readonly X509Entry[],
  anchors: ReadonlyMap<string, Anchors>,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Map<string, Set<string>>();
  for (const [index, { issuer }] of entries.entries()) {
    const fingerprints =
      anchors.get(`x509[${index}].issuer`)?.bundle.anchors.map(({ fingerprint }) => fingerprint) ?? [];
    const known = seen.get(issuer.name) ?? new Set();
    if (fingerprints.some((fingerprint) => known.has(fingerprint))) {
      errors.push(duplicate(`x509[${index}].issuer.name`, issuer.name));
    }
    seen.set(issuer.name, new Set([...known, ...fingerprints]));
  }
  return errors;
}

type BundleResult =
  | { readonly ok: true; readonly bundle: TrustBundle }
  | { readonly ok: false; readonly error: string };

function readBundle(path: string, { readFile, absentFiles }: AnchorReading): BundleResult {
  let pem: Buffer;
  try {
    pem = readFile(path);
  } catch (error) {
    if (absentFiles === 'unknown' && isAbsent(error)) return { ok: true, bundle: toTrustBundle([]) };
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
  return parseBundleFile(pem);
}

/** Whether there is nothing where somebody looks; what is there and cannot be read is for whoever needs it. */
export function isMissing(look: () => unknown): boolean {
  try {
    look();
    return false;
  } catch (error) {
    return isAbsent(error);
  }
}

/** Whether reading failed because there is no such file. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
