import type { CelValue } from '../value.ts';

/** What an atom says of a term, as far as atoms of one term can be compared. */
export type Predicate =
  | { readonly kind: 'equals' | 'below' | 'above'; readonly value: CelValue }
  | { readonly kind: 'prefix' | 'suffix' | 'part' | 'pattern'; readonly value: string };

/** A condition that is true or false by itself; `predicate` is what it says of the term, where it can be told. */
export interface Atom {
  readonly key: string;
  readonly about?: { readonly term: string; readonly predicate: Predicate };
}

/** A condition made of atoms. */
export type Formula =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'atom'; readonly atom: Atom }
  | { readonly kind: 'not'; readonly of: Formula }
  | { readonly kind: 'and'; readonly left: Formula; readonly right: Formula };

/** An atom that nothing is known of but that it is itself. */
export function opaque(key: string): Formula {
  return { kind: 'atom', atom: { key } };
}

/** An atom that says something of a term. */
export function about(key: string, term: string, predicate: Predicate): Formula {
  return { kind: 'atom', atom: { key, about: { term, predicate } } };
}

export function constant(value: boolean): Formula {
  return { kind: 'constant', value };
}

export function not(of: Formula): Formula {
  if (of.kind === 'constant') return constant(!of.value);
  return of.kind === 'not' ? of.of : { kind: 'not', of };
}

export function and(left: Formula, right: Formula): Formula {
  if (left.kind === 'constant') return left.value ? right : left;
  if (right.kind === 'constant') return right.value ? left : right;
  return { kind: 'and', left, right };
}

export function or(left: Formula, right: Formula): Formula {
  return not(and(not(left), not(right)));
}

/** The atoms of a formula by their keys. */
export function atomsOf(formula: Formula): ReadonlyMap<string, Atom> {
  const atoms = new Map<string, Atom>();
  const visit = (part: Formula): void => {
    switch (part.kind) {
      case 'constant':
        break;
      case 'atom':
        atoms.set(part.atom.key, part.atom);
        break;
      case 'not':
        visit(part.of);
        break;
      case 'and':
        visit(part.left);
        visit(part.right);
        break;
    }
  };
  visit(formula);
  return atoms;
}

/** The value of a formula where these atoms are true. */
export function valueOf(formula: Formula, truths: ReadonlySet<string>): boolean {
  switch (formula.kind) {
    case 'constant':
      return formula.value;
    case 'atom':
      return truths.has(formula.atom.key);
    case 'not':
      return !valueOf(formula.of, truths);
    case 'and':
      return valueOf(formula.left, truths) && valueOf(formula.right, truths);
  }
}
