/** One difference between the expected answer and ours. */
export interface Difference {
  /** What kind of difference, e.g. `wrongAccept`; a suite lists its kinds. */
  readonly kind: string;
  readonly expected: string;
  readonly got: string;
}

/** One case of a suite. It passes when it has no difference of a failing kind. */
export interface Case {
  readonly id: string;
  readonly category: string;
  /** What the case needs, in words that `exceptions.json` may name. */
  readonly features: readonly string[];
  /** Runs the case. What it throws is a difference too, of the kind `CRASH`, which fails the case in every suite. */
  compare(): Iterable<Difference>;
}

/** The kind of a case that throws. */
export const CRASH = 'crash';

/** The differences of a case; an exception is one of them, and ends no other case. */
export function differencesOf(testCase: Case): readonly Difference[] {
  try {
    return [...testCase.compare()];
  } catch (error) {
    return [{ kind: CRASH, expected: 'an answer', got: String(error) }];
  }
}

/** A suite of foreign vectors. */
export interface Suite {
  readonly name: string;
  /** Kinds of difference that fail a case, worst first. */
  readonly failing: readonly string[];
  /** Kinds that are counted and reported, and fail nothing. */
  readonly reported: readonly string[];
  /** The files in `../shared` that `npm test` runs it on. */
  readonly files: readonly string[];
  /** The cases in a file's (decompressed) text. */
  read(text: string): Iterable<Case>;
}

/** A difference that is known and accepted: by case, or by feature. */
export interface Exception {
  readonly suite: string;
  readonly id?: string;
  readonly feature?: string;
  readonly kind: string;
  readonly reason: string;
}
