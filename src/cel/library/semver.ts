import { CelError } from '../error.ts';
import { type CostRule, type Overload, overload } from '../overload.ts';
import { traversal } from '../size.ts';
import { type SemverVersion, parseLooseSemver, parseSemver } from './semver-version.ts';

const walked: CostRule = ([text]) => traversal(text);

const SEMVER = 'kubernetes.Semver';

/** Reads a version strictly, or with a second argument `true` loosely. */
function read(text: string, isNormalized = false): SemverVersion | CelError {
  return isNormalized ? parseLooseSemver(text) : parseSemver(text);
}

function isRead(text: string, isNormalized = false): boolean {
  return !(read(text, isNormalized) instanceof CelError);
}

function numberOf(which: 'major' | 'minor' | 'patch'): Overload {
  return overload(`semver_${which}`, `<${SEMVER}>.${which}() -> int`, {
    evaluate: (version: SemverVersion) => version.number(which),
  });
}

/** Kubernetes' `kubernetes.Semver`. */
export const semverOverloads: readonly Overload[] = [
  overload('string_to_semver', `semver(string) -> ${SEMVER}`, {
    evaluate: (text: string) => parseSemver(text),
    cost: walked,
  }),
  overload('string_bool_to_semver', `semver(string, bool) -> ${SEMVER}`, { evaluate: read, cost: walked }),
  overload('is_semver_string', 'isSemver(string) -> bool', {
    evaluate: (text: string) => isRead(text),
    cost: walked,
  }),
  overload('is_semver_string_bool', 'isSemver(string, bool) -> bool', { evaluate: isRead, cost: walked }),
  overload('semver_is_greater_than', `<${SEMVER}>.isGreaterThan(${SEMVER}) -> bool`, {
    evaluate: (a: SemverVersion, b: SemverVersion) => a.compareTo(b) > 0,
  }),
  overload('semver_is_less_than', `<${SEMVER}>.isLessThan(${SEMVER}) -> bool`, {
    evaluate: (a: SemverVersion, b: SemverVersion) => a.compareTo(b) < 0,
  }),
  overload('semver_compare_to', `<${SEMVER}>.compareTo(${SEMVER}) -> int`, {
    evaluate: (a: SemverVersion, b: SemverVersion) => BigInt(a.compareTo(b)),
  }),
  numberOf('major'),
  numberOf('minor'),
  numberOf('patch'),
];
