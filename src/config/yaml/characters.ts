/** Characters as code units; 0 stands for the end of the text (YAML allows no NUL). */
export const END = 0;
export const TAB = 0x09;
export const SPACE = 0x20;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NEXT_LINE = 0x85;
const LINE_SEPARATOR = 0x2028;
const PARAGRAPH_SEPARATOR = 0x2029;

/** The code unit of an ASCII character. */
export function code(character: string): number {
  return character.charCodeAt(0);
}

/** A space or a tab. */
export function isBlank(unit: number): boolean {
  return unit === SPACE || unit === TAB;
}

/** A line break of YAML 1.1 (§5.4), which has more of them than 1.2. */
export function isBreak(unit: number): boolean {
  return (
    unit === LINE_FEED ||
    unit === CARRIAGE_RETURN ||
    unit === NEXT_LINE ||
    unit === LINE_SEPARATOR ||
    unit === PARAGRAPH_SEPARATOR
  );
}

export function isBreakOrEnd(unit: number): boolean {
  return unit === END || isBreak(unit);
}

export function isBlankOrEnd(unit: number): boolean {
  return isBlank(unit) || isBreakOrEnd(unit);
}

export function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** What an anchor, a tag handle or a directive name is made of. */
export function isWord(unit: number): boolean {
  return (
    isDigit(unit) ||
    (unit >= 0x41 && unit <= 0x5a) ||
    (unit >= 0x61 && unit <= 0x7a) ||
    unit === 0x5f ||
    unit === 0x2d
  );
}

export function isHexDigit(unit: number): boolean {
  return isDigit(unit) || (unit >= 0x41 && unit <= 0x46) || (unit >= 0x61 && unit <= 0x66);
}

/** What a line break becomes in a value: line separators stay, every other is a line feed. */
export function normalBreak(unit: number): string {
  return unit === LINE_SEPARATOR || unit === PARAGRAPH_SEPARATOR ? String.fromCharCode(unit) : '\n';
}
