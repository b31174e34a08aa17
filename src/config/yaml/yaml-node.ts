import type { TextPiece, TextRange } from '../value-node.ts';

interface Placed extends TextRange {
  /** The line it starts on, from 0, as libyaml counts. */
  readonly line: number;
}

/** A scalar as it was written; what it means depends on its tag and on whether it was plain. */
export interface YamlScalar extends Placed {
  readonly kind: 'scalar';
  /** Empty where none was written. */
  readonly tag: string;
  /** Whether its text decides what it is. */
  readonly isImplicit: boolean;
  readonly value: string;
  readonly pieces: readonly TextPiece[];
}

export interface YamlSequence extends Placed {
  readonly kind: 'sequence';
  readonly items: readonly YamlNode[];
}

/** A mapping: keys and values in the order written. */
export interface YamlMapping extends Placed {
  readonly kind: 'mapping';
  readonly pairs: readonly { readonly key: YamlNode; readonly value: YamlNode }[];
}

export interface YamlAlias extends Placed {
  readonly kind: 'alias';
  readonly name: string;
  readonly target: YamlNode;
}

/** What was written, before merge keys, aliases and tags are resolved. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping | YamlAlias;
