import type { Severity } from '../../config/issue.ts';
import type { Subject } from './subject.ts';

/** A kind of finding that people can look up: its id is stable, and part of what they write into suppressions. */
export interface FindingKind {
  readonly id: string;
  readonly severity: Severity;
  /** What is found, in a few words. */
  readonly title: string;
  /** Why it matters and what to do, in one paragraph. */
  readonly explanation: string;
}

/** One finding about a field. `place` is the part of the field's value that it is about, where that is a part alone. */
export interface Finding {
  readonly path: string;
  readonly message: string;
  readonly place?: Place;
}

/** A stretch of a string value: 1-based line, 0-based column and length in characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** A kind of finding and how it is found in a configuration that compiles. */
export interface Advice extends FindingKind {
  readonly find: (subject: Subject) => readonly Finding[];
}
