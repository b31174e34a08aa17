import { Buffer } from 'node:buffer';
import { CelError, noSuchOverload } from '../error.ts';
import { type CelValue, OpaqueValue } from '../value.ts';
import { quote } from './go-quote.ts';
import { integerError, parseUint64 } from './number-text.ts';

/** The numbers and identifiers of a version (semver.org 2.0.0). */
interface VersionParts {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  /** Numbers where they are digits alone. */
  readonly prerelease: readonly (bigint | string)[];
  readonly build: readonly string[];
}

/** A value of `kubernetes.Semver`. */
export class SemverVersion extends OpaqueValue {
  readonly typeName = 'kubernetes.Semver';
  readonly #parts: VersionParts;

  constructor(parts: VersionParts) {
    super();
    this.#parts = parts;
  }

  /** Kubernetes keeps 64 bits unsigned and gives them out signed. */
  number(which: 'major' | 'minor' | 'patch'): bigint {
    return BigInt.asIntN(64, this.#parts.numbers[NUMBERS.indexOf(which)] ?? 0n);
  }

  equals(other: CelValue): boolean | CelError {
    return other instanceof SemverVersion ? this.compareTo(other) === 0 : noSuchOverload();
  }

  /** -1, 0 or 1 by precedence (semver.org §11); build metadata does not count. */
  compareTo(other: SemverVersion): -1 | 0 | 1 {
    const [mine, theirs] = [this.#parts, other.#parts];
    for (const [index, number] of mine.numbers.entries()) {
      const order = orderOf(number, theirs.numbers[index] ?? 0n);
      if (order !== 0) return order;
    }
    if (mine.prerelease.length === 0 || theirs.prerelease.length === 0) {
      return orderOf(theirs.prerelease.length, mine.prerelease.length);
    }
    for (const [index, identifier] of mine.prerelease.entries()) {
      const counterpart = theirs.prerelease[index];
      const order = counterpart === undefined ? 1 : compareIdentifiers(identifier, counterpart);
      if (order !== 0) return order;
    }
    return orderOf(mine.prerelease.length, theirs.prerelease.length);
  }

  toString(): string {
    const { numbers, prerelease, build } = this.#parts;
    const release = prerelease.length === 0 ? '' : `-${prerelease.join('.')}`;
    return numbers.join('.') + release + (build.length === 0 ? '' : `+${build.join('.')}`);
  }
}

const NUMBERS = ['major', 'minor', 'patch'];

function orderOf<T extends bigint | number | string>(a: T, b: T): -1 | 0 | 1 {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Numbers come before words. */
function compareIdentifiers(a: bigint | string, b: bigint | string): -1 | 0 | 1 {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1;
  return orderOf(a, b);
}

/** The version that Kubernetes' `semver()` reads, with the error texts of its parser. */
export function parseSemver(text: string): SemverVersion | CelError {
  if (text === '') return new CelError('Version string empty');
  const [major = '', minor, ...rest] = text.split('.');
  if (minor === undefined || rest.length === 0) return new CelError('No Major.Minor.Patch elements found');
  const [beforeBuild, buildText] = cut(rest.join('.'), '+');
  const [patch, prereleaseText] = cut(beforeBuild, '-');
  const numbers: bigint[] = [];
  for (const [name, digits] of [
    ['major', major],
    ['minor', minor],
    ['patch', patch],
  ] as const) {
    const number = parseNumber(name, digits);
    if (typeof number !== 'bigint') return number;
    numbers.push(number);
  }
  const prerelease = parsePrerelease(prereleaseText);
  if (prerelease instanceof CelError) return prerelease;
  const build = buildText?.split('.') ?? [];
  const problem = build.map(buildProblem).find((found) => found !== undefined);
  if (problem !== undefined) return new CelError(problem);
  return new SemverVersion({ numbers: numbers as [bigint, bigint, bigint], prerelease, build });
}

/** What stands before and after the first separator. */
function cut(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function parseNumber(name: 'major' | 'minor' | 'patch', digits: string): bigint | CelError {
  if (!/^\d*$/.test(digits)) {
    return new CelError(`Invalid character(s) found in ${name} number ${quote(digits)}`);
  }
  if (/^0./.test(digits)) {
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    return new CelError(`${title} number must not contain leading zeroes ${quote(digits)}`);
  }
  return parseUint64(digits) ?? integerError('ParseUint', digits);
}

function parsePrerelease(text: string | undefined): (bigint | string)[] | CelError {
  const identifiers: (bigint | string)[] = [];
  for (const identifier of text?.split('.') ?? []) {
    const parsed = parseIdentifier(identifier);
    if (parsed instanceof CelError) return parsed;
    identifiers.push(parsed);
  }
  return identifiers;
}

function parseIdentifier(identifier: string): bigint | string | CelError {
  if (identifier === '') return new CelError('Prerelease is empty');
  if (!/^[\dA-Za-z-]+$/.test(identifier)) {
    return new CelError(`Invalid character(s) found in prerelease ${quote(identifier)}`);
  }
  if (!/^\d+$/.test(identifier)) return identifier;
  if (/^0./.test(identifier)) {
    return new CelError(`Numeric PreRelease version must not contain leading zeroes ${quote(identifier)}`);
  }
  return parseUint64(identifier) ?? integerError('ParseUint', identifier);
}

function buildProblem(identifier: string): string | undefined {
  if (identifier === '') return 'Build meta data is empty';
  return /^[\dA-Za-z-]+$/.test(identifier)
    ? undefined
    : `Invalid character(s) found in build meta data ${quote(identifier)}`;
}

/** As `parseSemver`, for `v1.2` and `01.02.03` too: no `v`, no leading zeros, missing numbers are 0. */
export function parseLooseSemver(text: string): SemverVersion | CelError {
  const [first = '', second, ...rest] = text.replace(/^v/, '').split('.');
  const written = [
    first,
    ...(second === undefined ? [] : [second]),
    ...(rest.length === 0 ? [] : [rest.join('.')]),
  ];
  const parts = written.map(withoutZeros);
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) {
    return new CelError('short version cannot contain PreRelease/Build meta data');
  }
  return parseSemver([...parts, '0', '0'].slice(0, 3).join('.'));
}

function withoutZeros(part: string): string {
  if (Buffer.byteLength(part) <= 1) return part;
  const stripped = part.replace(/^0+/, '');
  return /^\d/.test(stripped) ? stripped : `0${stripped}`;
}
