import { compare, equal } from '../equality.ts';
import type { CelValue } from '../value.ts';
import type { Atom, Predicate } from './formula.ts';
import { isMatch } from './regex-samples.ts';

/** What is said of one term: predicates that hold, and predicates that do not. */
interface Claims {
  readonly held: readonly Predicate[];
  readonly denied: readonly Predicate[];
}

/**
 * Whether these atoms can be true while the others are false, as far as that can be told: `x == "a"` and `x == "b"` cannot both
 * be, nor `x.startsWith("ab")` without `x.startsWith("a")`. Where it cannot be told, they can.
 */
export function isConsistent(atoms: Iterable<Atom>, truths: ReadonlySet<string>): boolean {
  const terms = new Map<string, { held: Predicate[]; denied: Predicate[] }>();
  for (const { key, about } of atoms) {
    if (about === undefined) continue;
    const claims = terms.get(about.term) ?? { held: [], denied: [] };
    claims[truths.has(key) ? 'held' : 'denied'].push(about.predicate);
    terms.set(about.term, claims);
  }
  return [...terms].every(([term, claims]) => isPossible(term, claims));
}

function isPossible(term: string, claims: Claims): boolean {
  const known = claims.held.find(({ kind }) => kind === 'equals');
  if (known !== undefined) {
    const { value } = known;
    return claims.held.every((one) => holds(one, value)) && !claims.denied.some((one) => holds(one, value));
  }
  return isPossibleText(claims) && isPossibleNumber(claims, term.startsWith('size(') ? [0n] : []);
}

/** Whether a predicate holds of a value. */
function holds({ kind, value: wanted }: Predicate, value: CelValue): boolean {
  if (kind === 'equals') return equal(value, wanted) === true;
  if (kind === 'below' || kind === 'above') {
    const order = compare(value, wanted);
    return typeof order === 'number' && (kind === 'below' ? order < 0 : order > 0);
  }
  if (typeof value !== 'string') return false;
  switch (kind) {
    case 'prefix':
      return value.startsWith(wanted);
    case 'suffix':
      return value.endsWith(wanted);
    case 'part':
      return value.includes(wanted);
    case 'pattern':
      return isMatch(wanted, value);
  }
}

function textsOf(predicates: readonly Predicate[], wanted: Predicate['kind']): readonly string[] {
  return predicates.flatMap(({ kind, value }) =>
    kind === wanted && typeof value === 'string' ? [value] : [],
  );
}

function isPossibleText({ held, denied }: Claims): boolean {
  const prefixes = textsOf(held, 'prefix');
  const suffixes = textsOf(held, 'suffix');
  const parts = [...prefixes, ...suffixes, ...textsOf(held, 'part')];
  const fits = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);
  const ends = (a: string, b: string): boolean => a.endsWith(b) || b.endsWith(a);
  return (
    prefixes.every((a) => prefixes.every((b) => fits(a, b))) &&
    suffixes.every((a) => suffixes.every((b) => ends(a, b))) &&
    !textsOf(denied, 'prefix').some((text) => prefixes.some((prefix) => prefix.startsWith(text))) &&
    !textsOf(denied, 'suffix').some((text) => suffixes.some((suffix) => suffix.endsWith(text))) &&
    !textsOf(denied, 'part').some((text) => parts.some((part) => part.includes(text)))
  );
}

/** Numbers have a gap between two bounds, or have none: whole ones none where the bounds are neighbours. */
function isPossibleNumber({ held, denied }: Claims, floor: readonly bigint[]): boolean {
  const bound = (kind: 'below' | 'above', of: readonly Predicate[]): readonly bigint[] =>
    of.flatMap((one) => (one.kind === kind && typeof one.value === 'bigint' ? [one.value] : []));
  // What is not below a number is at least that number.
  const least = [...floor, ...bound('above', held).map((value) => value + 1n), ...bound('below', denied)];
  const most = [...bound('below', held).map((value) => value - 1n), ...bound('above', denied)];
  const excluded = denied.flatMap(({ kind, value }) => (kind === 'equals' ? [value] : []));
  if (least.length === 0 || most.length === 0) return true;
  const from = least.reduce((a, b) => (a > b ? a : b));
  const to = most.reduce((a, b) => (a < b ? a : b));
  for (let value = from; value <= to; value += 1n) if (!excluded.includes(value)) return true;
  return false;
}
