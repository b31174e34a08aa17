/** Control, format and unassigned characters, and the separators of lines: what could fake, hide or turn around text on a terminal. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Text of others as it may be printed: what a terminal would act on is written as an escape. */
export function toPrintable(text: string): string {
  return text.replaceAll(UNPRINTABLE, toEscape);
}

/** The same for text of several lines, which our own code has ended; JSON and quoted YAML stay what they are. */
export function toPrintableLines(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => (character === '\n' ? character : toEscape(character)));
}

/** As JSON writes it: `\n`, `\u001b`; a character beyond the BMP as its two surrogates. */
function toEscape(character: string): string {
  const json = JSON.stringify(character).slice(1, -1);
  if (json !== character) return json;
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** How kinds of text are marked; every function gives the text itself where there is no colour. */
export interface Palette {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly heading: (text: string) => string;
  readonly faint: (text: string) => string;
}

/** The terminal's side of a stream, and the environment that may forbid colour. */
export interface ColourWish {
  readonly isTTY?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Colour on a terminal, unless NO_COLOR (https://no-color.org) is set or the terminal knows none. */
export function choosePalette({ isTTY, env }: ColourWish): Palette {
  const isColoured = isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const paint =
    (code: number) =>
    (text: string): string =>
      isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { good: paint(32), bad: paint(31), doubtful: paint(33), heading: paint(1), faint: paint(2) };
}
