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
