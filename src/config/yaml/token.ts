import type { TextPiece } from '../value-node.ts';
import type { Mark } from './yaml-failure.ts';

/** Tokens that are their type and nothing more. */
export type PlainTokenType =
  | 'stream-end'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value';

interface Marked {
  readonly start: Mark;
  readonly end: Mark;
}

export interface PlainToken extends Marked {
  readonly type: PlainTokenType;
}

/** `&name` or `*name`. */
export interface AnchorToken extends Marked {
  readonly type: 'anchor' | 'alias';
  readonly name: string;
}

/** `!handle!suffix`; the handle is empty for `!<verbatim>` and for a lone `!`. */
export interface TagToken extends Marked {
  readonly type: 'tag';
  readonly handle: string;
  readonly suffix: string;
}

/** `%YAML` or `%TAG`. */
export interface DirectiveToken extends Marked {
  readonly type: 'version-directive' | 'tag-directive';
  readonly handle: string;
  readonly value: string;
}

export interface ScalarToken extends Marked {
  readonly type: 'scalar';
  readonly isPlain: boolean;
  readonly value: string;
  readonly pieces: readonly TextPiece[];
}

/** What libyaml's scanner makes of a text (YAML 1.1). */
export type Token = PlainToken | AnchorToken | TagToken | DirectiveToken | ScalarToken;
