/** One difference between the expected answer and ours. */
export interface Difference {
  /** What kind of difference, e.g. `wrongAccept`; a suite lists its kinds. */
  readonly kind: string;
  readonly expected: string;
  readonly got: string;
}

/** What became of one case. A case passes when it has no difference of a failing kind. */
export interface CaseResult {
  readonly id: string;
  readonly category: string;
  /** What the case needs, in words that `exceptions.json` may name. */
  readonly features: readonly string[];
  readonly differences: readonly Difference[];
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
  /** Runs every case in a file's (decompressed) text. */
  run(text: string): Iterable<CaseResult>;
}

/** A difference that is known and accepted: by case, or by feature. */
export interface Exception {
  readonly suite: string;
  readonly id?: string;
  readonly feature?: string;
  readonly kind: string;
  readonly reason: string;
}
