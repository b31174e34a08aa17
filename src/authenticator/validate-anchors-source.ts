import type { AnchorsSource } from '../config/types.ts';
import { type FieldError, invalid, required } from './field-error.ts';

/** Whether anchors are given at all, well or not. */
export function hasAnchors({ certificateAuthority, certificateAuthorityFile }: AnchorsSource): boolean {
  return certificateAuthority !== '' || certificateAuthorityFile !== '';
}

/** Anchors may be given in one way, not in two. */
export function validateAnchorsSource(path: string, source: AnchorsSource): readonly FieldError[] {
  const { certificateAuthority, certificateAuthorityFile } = source;
  if (certificateAuthority === '' || certificateAuthorityFile === '') return [];
  const detail = 'may not be specified when certificateAuthority is set';
  return [invalid(`${path}.certificateAuthorityFile`, certificateAuthorityFile, detail)];
}

/** Anchors of one's own must be given, in one way. */
export function validateOwnAnchors(
  path: string,
  source: AnchorsSource,
  reason: string,
): readonly FieldError[] {
  if (hasAnchors(source)) return validateAnchorsSource(path, source);
  const detail = `certificateAuthority or certificateAuthorityFile is required ${reason}`;
  return [required(`${path}.certificateAuthority`, detail)];
}
