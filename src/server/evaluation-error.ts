/** What begins the part of an error that may quote a value: a quotation mark, a digit, or what follows a colon. */
const QUOTED = /["'`:\d]/;

/** Words that a value follows as it is. */
const BEFORE_VALUES = /^(unknown time zone|unsupported index value) /;

/** Texts that quote types, never values. */
const OF_TYPES = /^type conversion error from '[\w.]+' to '[\w.]+'$/;

/**
 * The text of an evaluation error without what it may quote of a certificate or a user: whole where all that it names stands in the
 * expression itself, as the key of `no such key: …` mostly does; else only as far as its own words go.
 */
export function withoutIdentity(error: string, expression: string): string {
  const [, ownWords = '', key] = /^(no such (?:key|attribute|field)(?:\(s\))?): (.+)$/s.exec(error) ?? [];
  if (key !== undefined) return isSelected(key, expression) ? error : ownWords;
  const [, wordsBefore] = BEFORE_VALUES.exec(error) ?? [];
  if (wordsBefore !== undefined) return wordsBefore;
  if (OF_TYPES.test(error)) return error;
  const end = error.search(QUOTED);
  return end < 0 ? error : error.slice(0, end).trimEnd();
}

/** Whether an expression itself selects a key or a field; that a word of it happens to be somebody's name is not enough. */
function isSelected(key: string, expression: string): boolean {
  if ([`["${key}"]`, `['${key}']`].some((selection) => expression.includes(selection))) return true;
  const names: readonly string[] = expression.match(/(?<=\.\s*)[A-Za-z_]\w*/g) ?? [];
  return names.includes(key);
}
