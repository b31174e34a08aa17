import { isConsistent } from './atom-theory.ts';
import { type Atom, atomsOf, type Formula, valueOf } from './formula.ts';

/** Every combination of more atoms than this is too many. */
const MAX_ATOMS = 8;

/** What can be said of a condition that was never evaluated. */
export type Truth = 'always-true' | 'never-true' | 'open';

/** How one condition stands to another. */
export type Relation = 'same' | 'implies' | 'open';

/** Whether a condition is true, or is not true, whatever it is evaluated on; a part that fails decides nothing. */
export function truthOf(condition: Formula): Truth {
  const values = new Set(rowsOf([condition]).map(([value]) => value));
  if (values.size !== 1) return 'open';
  return values.has(true) ? 'always-true' : 'never-true';
}

/** How a condition stands to another; `open` where they have nothing in common. */
export function relationOf(first: Formula, second: Formula): Relation {
  const terms = termsOf(first);
  if (![...termsOf(second)].some((term) => terms.has(term))) return 'open';
  const rows = rowsOf([first, second]);
  if (rows.length === 0) return 'open';
  if (rows.every(([a, b]) => a === b)) return 'same';
  return rows.every(([a, b]) => a === false || b === true) ? 'implies' : 'open';
}

function termsOf(formula: Formula): ReadonlySet<string> {
  return new Set([...atomsOf(formula)].map(([key, { about }]) => about?.term ?? key));
}

/** The values of formulas for every combination of their atoms that can be; none where those are too many. */
function rowsOf(formulas: readonly Formula[]): readonly (readonly boolean[])[] {
  const atoms = new Map<string, Atom>(formulas.flatMap((formula) => [...atomsOf(formula)]));
  if (atoms.size > MAX_ATOMS) return [];
  const keys = [...atoms.keys()];
  const rows: (readonly boolean[])[] = [];
  const truths = new Set<string>();
  for (let bits = 0; bits < 2 ** keys.length; bits += 1) {
    for (const [index, key] of keys.entries()) {
      if ((bits & (1 << index)) === 0) truths.delete(key);
      else truths.add(key);
    }
    if (isConsistent(atoms.values(), truths)) rows.push(formulas.map((formula) => valueOf(formula, truths)));
  }
  return rows;
}
