/** A change of one place of the source: `find` stands there exactly once. */
export interface Change {
  /** Below src/. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A single fault that somebody could make, and that some test must notice. */
export interface Mutant {
  readonly name: string;
  readonly changes: readonly Change[];
  /** The test files that have to do with it; absent: those of certificates, and foreign vectors. */
  readonly tests?: readonly string[];
}

/** The source with a change made; an error where the place is not there, or not only there. */
export function applyChange(source: string, { file, find, replace }: Change): string {
  const places = source.split(find).length - 1;
  if (places !== 1)
    throw new Error(`${file} has ${places} places ${JSON.stringify(find)}; there must be exactly one`);
  return source.replace(find, () => replace);
}
