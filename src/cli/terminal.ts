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
