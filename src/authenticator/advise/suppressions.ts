import type { ConfigSource } from '../../config/types.ts';

/** A comment that accepts findings: which, why, and of the field on which line. */
export interface Suppression {
  readonly ids: readonly string[];
  readonly reason: string;
  /** Where the comment is. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The line of the field or item that it is about: its own, or the next that is not a comment. */
  readonly target: number;
}

/** A comment that was meant as a suppression and is none. */
export interface BadSuppression {
  readonly problem: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

export interface Suppressions {
  readonly suppressions: readonly Suppression[];
  readonly bad: readonly BadSuppression[];
}

const DIRECTIVE = /(?:^|\s)(#\s*kube-x509-authn:(.*))$/;
const IGNORE = /^\s*ignore\s+([\w/-]+(?:\s*,\s*[\w/-]+)*?)\s*,?\s+because\s+(\S.*?)\s*$/;

/** The form, as it is shown to who got it wrong. */
const FORM = 'write "# kube-x509-authn: ignore ID, because REASON"';

/** The suppressions among a file's comments; `known` says which ids there are. */
export function readSuppressions(source: ConfigSource, known: ReadonlySet<string>): Suppressions {
  const suppressions: Suppression[] = [];
  const bad: BadSuppression[] = [];
  const lines = source.text.split(/\r\n|\n|\r/);
  for (const [index, text] of lines.entries()) {
    const match = DIRECTIVE.exec(text);
    const comment = match?.[1];
    if (comment === undefined) continue;
    const place = { line: index + 1, column: text.length - comment.length + 1, length: comment.length };
    if (source.isWithinText(place.line, place.column)) continue;
    const [, list, reason] = IGNORE.exec(match?.[2] ?? '') ?? [];
    const ids = list?.split(',').map((id) => id.trim()) ?? [];
    const unknown = ids.find((id) => !known.has(id));
    if (reason === undefined) bad.push({ ...place, problem: `no id or no reason: ${FORM}` });
    else if (unknown !== undefined) bad.push({ ...place, problem: `there is no finding ${unknown}` });
    else suppressions.push({ ...place, ids, reason, target: targetOf(lines, index, place.column) });
  }
  return { suppressions, bad };
}

function targetOf(lines: readonly string[], index: number, column: number): number {
  const isTrailing = (lines[index] ?? '').slice(0, column - 1).trim() !== '';
  if (isTrailing) return index + 1;
  const next = lines.findIndex(
    (line, at) => at > index && line.trim() !== '' && !line.trim().startsWith('#'),
  );
  return next < 0 ? index + 1 : next + 1;
}
