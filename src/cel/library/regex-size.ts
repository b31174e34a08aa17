/** What a part of a pattern compiles to: instructions, and how often its innermost part is repeated. */
interface Part {
  size: number;
  repeats: number;
}

/** RE2 refuses counts whose product is over this, before it compiles anything. */
const MAX_REPEATS = 1000;

// One step of a pattern: quoted text, an escape, a class, the opening of a group, a count, or one character.
const STEP =
  /\\Q(?<quoted>.*?)(?:\\E|$)|(?<atom>\\(?:[pP]\{[^}]*\}?|x\{[^}]*\}?|.)|\[\^?\]?(?:\[:\^?\w{1,10}:\]|\\.|[^\]\\])*\]?)|\((?:\?(?<flags>P?<\w*>|[A-Za-z-]*[:)]?))?|\{(?<least>\d+)(?<comma>,?)(?<most>\d*)\}|(?<other>.)/gsu;

/** What parsing a class or a dot takes beside an instruction, and each character of a class, in instructions. */
const CLASS_WORK = 10;
const CLASS_CHARACTER_WORK = 2;

/** How much longer an instruction takes to compile where case is folded. */
const FOLDING = 3;

/**
 * About how many instructions the pattern compiles to, counting hard ones more than once, so that one that counts to
 * thousands is refused before it is compiled. 0 where RE2 refuses it for its counts. A pattern that RE2 refuses for other
 * reasons may give any number.
 */
export function patternSize(pattern: string): number {
  const groups: Part[][] = [[]];
  let classWork = 0;
  for (const { 0: text, groups: named = {} } of pattern.matchAll(STEP)) {
    const parts = groups.at(-1) ?? [];
    if (/^[.[]/.test(text)) classWork += CLASS_WORK + text.length * CLASS_CHARACTER_WORK;
    const quoted = named['quoted'];
    if (quoted !== undefined) parts.push({ size: quoted.length, repeats: 1 });
    else if (named['least'] !== undefined) repeat(parts, countsOf(named));
    else if (text.startsWith('(')) {
      // `(?i)` sets flags and opens no group.
      if (!(named['flags'] ?? '').endsWith(')')) groups.push([]);
    } else if (named['other'] === ')' && groups.length > 1) {
      groups.pop();
      groups.at(-1)?.push(sum(parts));
    } else if (/^[*+?]$/.test(text)) repeat(parts, { least: 0, most: 1 });
    else parts.push({ size: 1, repeats: 1 });
  }
  const whole = sum(groups.map(sum));
  if (whole.repeats > MAX_REPEATS) return 0;
  return (whole.size + classWork) * (/\(\?[A-Za-z]*i/.test(pattern) ? FOLDING : 1);
}

interface Counts {
  readonly least: number;
  readonly most: number;
}

/** `{2,}` compiles as `{2}` and one that repeats. */
function countsOf(named: Readonly<Record<string, string | undefined>>): Counts {
  const least = Number(named['least']);
  const { most } = named;
  if (most !== undefined && most !== '') return { least, most: Number(most) };
  return { least, most: least + (named['comma'] === '' ? 0 : 1) };
}

/** A copy that may be left out takes an instruction more, to choose. */
function repeat(parts: Part[], { least, most }: Counts): void {
  const last = parts.at(-1);
  if (last === undefined) return;
  last.size = last.size * Math.max(most, 1) + Math.max(most - least, 0);
  last.repeats *= Math.max(most, 1);
}

function sum(parts: readonly Part[]): Part {
  return {
    size: parts.reduce((total, { size }) => total + size, 2),
    repeats: parts.reduce((most, { repeats }) => Math.max(most, repeats), 1),
  };
}
