/** What a part of a pattern compiles to: instructions, and how often its innermost part is repeated. */
interface Part {
  size: number;
  repeats: number;
}

/** RE2 refuses counts whose product is over this, before it compiles anything. */
const MAX_REPEATS = 1000;

// One step of a pattern: quoted text, an escape, a class, the opening of a group, a count, or one character.
const STEP =
  /\\Q(?<quoted>.*?)(?:\\E|$)|(?<atom>\\(?:[pP]\{[^}]*\}?|x\{[^}]*\}?|.)|\[\^?\]?(?:\[:.*?:\]|\\.|[^\]\\])*\]?)|\((?:\?(?<flags>P?<[^>]*>|[A-Za-z-]*[:)]?))?|\{(?<least>\d+)(?<comma>,?)(?<most>\d*)\}|(?<other>.)/gsu;

/**
 * About how many instructions the pattern compiles to, so that one that counts to thousands is refused before it is
 * compiled. 0 where RE2 refuses it for its counts. A pattern that RE2 refuses for other reasons may give any number.
 */
export function patternSize(pattern: string): number {
  const groups: Part[][] = [[]];
  for (const { 0: text, groups: named = {} } of pattern.matchAll(STEP)) {
    const parts = groups.at(-1) ?? [];
    const quoted = named['quoted'];
    if (quoted !== undefined) parts.push({ size: quoted.length, repeats: 1 });
    else if (named['least'] !== undefined) repeat(parts, countOf(named));
    else if (text.startsWith('(')) {
      // `(?i)` sets flags and opens no group.
      if (!(named['flags'] ?? '').endsWith(')')) groups.push([]);
    } else if (named['other'] === ')' && groups.length > 1) {
      groups.pop();
      groups.at(-1)?.push(sum(parts));
    } else if (/^[*+?]$/.test(text)) repeat(parts, 1);
    else parts.push({ size: 1, repeats: 1 });
  }
  const whole = sum(groups.map(sum));
  return whole.repeats > MAX_REPEATS ? 0 : whole.size;
}

function countOf(named: Readonly<Record<string, string | undefined>>): number {
  const least = Number(named['least']);
  return named['most'] === '' || named['most'] === undefined
    ? least + (named['comma'] === '' ? 0 : 1)
    : Number(named['most']);
}

function repeat(parts: Part[], count: number): void {
  const last = parts.at(-1);
  if (last === undefined) return;
  last.size = last.size * Math.max(count, 1) + 1;
  last.repeats *= Math.max(count, 1);
}

function sum(parts: readonly Part[]): Part {
  return {
    size: parts.reduce((total, { size }) => total + size, 2),
    repeats: parts.reduce((most, { repeats }) => Math.max(most, repeats), 1),
  };
}
