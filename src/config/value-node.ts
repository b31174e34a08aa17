/** A stretch of a text, in UTF-16 code units; the end exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A piece of a string value and where it was written. Pieces of equal length stand in the text as they are in the value;
 * of others (an escape, a folded line break) the whole of one stands for the whole of the other.
 */
export interface TextPiece {
  /** Offset and length in the value. */
  readonly at: number;
  readonly length: number;
  /** Where it stands in the text. */
  readonly start: number;
  readonly end: number;
}

/** A string, and for each of its pieces where it was written. */
export interface StringNode extends TextRange {
  readonly kind: 'string';
  readonly value: string;
  readonly pieces: readonly TextPiece[];
}

/** A number; its value matters to no field. */
export interface NumberNode extends TextRange {
  readonly kind: 'number';
}

/** `true` or `false`. */
export interface BoolNode extends TextRange {
  readonly kind: 'bool';
  readonly value: boolean;
}

/** `null`, which leaves a field unset. */
export interface NullNode extends TextRange {
  readonly kind: 'null';
}

/** A list. */
export interface ListNode extends TextRange {
  readonly kind: 'list';
  readonly items: readonly ValueNode[];
}

/** A key with its value. */
export interface MapEntry {
  readonly key: string;
  readonly keyRange: TextRange;
  readonly value: ValueNode;
}

/** A map: its entries in the order in which kube-apiserver looks at them, the same key possibly more than once. */
export interface MapNode extends TextRange {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
}

/** A value of a file, with where it stands. */
export type ValueNode = StringNode | NumberNode | BoolNode | NullNode | ListNode | MapNode;

/** A fault of a text in the words of Kubernetes' own reader. */
export interface ReadError extends TextRange {
  readonly message: string;
}

/** What a reader made of a text. */
export type ReadResult =
  | {
      readonly ok: true;
      readonly root: ValueNode;
      /** Keys that are set twice, where the reader itself finds them. */
      readonly duplicates: readonly ReadError[];
      /** What stands after the first document, which is never read. */
      readonly further?: TextRange;
    }
  | { readonly ok: false; readonly error: ReadError };
