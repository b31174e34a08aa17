/** What a case gave, whatever the kind of its policy. */
export interface Answer {
  readonly outcome: string;
  /** kube-apiserver's own refusals have no code. */
  readonly reason?: { readonly code?: string; readonly message: string };
  /** As `dry-run -o json` has it, without the values of parts. */
  readonly decision: object;
  /** The part of the policy that judged the case, where one did, and what its rules gave. */
  readonly judgedBy?: string;
  readonly steps: readonly JudgedStep[];
}

/** A step of a decision or of a verdict on a native certificate, as far as coverage counts it. */
export interface JudgedStep {
  readonly stage: string;
  readonly index?: number;
  readonly result: boolean | 'error' | 'skipped';
}

/** What became of one case; no mismatch: it passed. */
export interface CaseResult {
  readonly name: string;
  readonly answer: Answer;
  readonly mismatches: readonly string[];
}

/** A part of a policy that has rules of its own: an entry, or a native policy as a whole. */
export interface PolicyPart {
  readonly name: string;
  /** How many rules each stage has. */
  readonly rules: readonly (readonly [stage: string, count: number])[];
}

/** What became of a file's cases. */
export interface FileResult {
  readonly path: string;
  /** The file of the policy. */
  readonly policy: string;
  readonly parts: readonly PolicyPart[];
  /** What is not as it would be on the control plane. */
  readonly notes: readonly string[];
  readonly cases: readonly CaseResult[];
}
