/** A regular expression as far as it says what texts look like; what it only asserts is left out. */
export type RegexNode =
  | { readonly kind: 'characters'; readonly characters: readonly string[] }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly part: RegexNode; readonly least: number; readonly most: number };

const NOTHING: RegexNode = { kind: 'sequence', parts: [] };

/** Some characters of each class; a text made of them is only a guess until the expression itself has matched it. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  d: ['1', '0', '9'],
  w: ['a', 'z', '0', '_'],
  s: [' '],
  D: ['a', '-'],
  W: ['-', '.'],
  S: ['a', '0', '-'],
};

const ANY = ['a', '0', '-', '.'];
const CONTROLS: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  f: '\f',
  v: '\v',
  a: '\u0007',
};
const ASSERTIONS = 'AzbB';

/** Reads an RE2 expression leniently: one that compiles is never refused, and what is not understood is a guess. */
export function parseRegex(pattern: string): RegexNode {
  return new RegexReader(Array.from(pattern)).choice();
}

class RegexReader {
  readonly #text: readonly string[];
  #at = 0;

  constructor(text: readonly string[]) {
    this.#text = text;
  }

  choice(): RegexNode {
    const branches = [this.#sequence()];
    while (this.#take('|')) branches.push(this.#sequence());
    return branches.length === 1 ? (branches[0] as RegexNode) : { kind: 'choice', branches };
  }

  #sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (this.#at < this.#text.length && this.#peek() !== '|' && this.#peek() !== ')') {
      parts.push(this.#repeated(this.#atom()));
    }
    return { kind: 'sequence', parts };
  }

  #atom(): RegexNode {
    const character = this.#next();
    if (character === '(') return this.#group();
    if (character === '[') return this.#class();
    if (character === '\\') return this.#escape();
    if (character === '.') return { kind: 'characters', characters: ANY };
    if (character === '^' || character === '$') return NOTHING;
    return { kind: 'characters', characters: [character] };
  }

  /** A group, its flags and its name left out; `(?i)` alone is none. */
  #group(): RegexNode {
    if (this.#take('?')) {
      if (this.#peek() === 'P' || this.#peek() === '<') while (this.#next() !== '>' && this.#peek() !== '');
      else while (this.#peek() !== ':' && this.#peek() !== ')' && this.#peek() !== '') this.#next();
      this.#take(':');
    }
    const inner = this.choice();
    this.#take(')');
    return inner;
  }

  #escape(): RegexNode {
    const character = this.#next();
    if (ASSERTIONS.includes(character)) return NOTHING;
    if (character === 'p' || character === 'P') {
      if (this.#take('{')) while (this.#next() !== '}' && this.#peek() !== '');
      else this.#next();
      return { kind: 'characters', characters: ['a', 'A', '1'] };
    }
    if (character === 'Q') return this.#quoted();
    return { kind: 'characters', characters: CLASSES[character] ?? [CONTROLS[character] ?? character] };
  }

  #quoted(): RegexNode {
    const parts: RegexNode[] = [];
    while (this.#at < this.#text.length && !(this.#peek() === '\\' && this.#text[this.#at + 1] === 'E')) {
      parts.push({ kind: 'characters', characters: [this.#next()] });
    }
    this.#at += 2;
    return { kind: 'sequence', parts };
  }

  #class(): RegexNode {
    const isNegated = this.#take('^');
    const characters: string[] = [];
    do characters.push(...this.#classItem());
    while (this.#peek() !== ']' && this.#peek() !== '');
    this.#take(']');
    if (!isNegated) return { kind: 'characters', characters };
    const others = [...ANY, 'b', 'A', '_'].filter((character) => !characters.includes(character));
    return { kind: 'characters', characters: others };
  }

  #classItem(): readonly string[] {
    if (this.#peek() === '[' && this.#text[this.#at + 1] === ':') {
      while (this.#next() !== ']' && this.#peek() !== '');
      return ['a', 'A', '1', ' '];
    }
    const first = this.#classCharacter();
    const isRange = this.#peek() === '-' && !['', ']'].includes(this.#text[this.#at + 1] ?? '');
    if (first.length !== 1 || !isRange) return first;
    this.#next();
    const last = this.#classCharacter()[0] ?? '';
    return [...first, last];
  }

  #classCharacter(): readonly string[] {
    const character = this.#next();
    if (character !== '\\') return [character];
    const node = this.#escape();
    return node.kind === 'characters' ? node.characters : [];
  }

  #repeated(part: RegexNode): RegexNode {
    const bounds = this.#bounds();
    if (bounds === undefined) return part;
    this.#take('?');
    return this.#repeated({ kind: 'repeat', part, ...bounds });
  }

  #bounds(): { readonly least: number; readonly most: number } | undefined {
    if (this.#take('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { least: 0, most: 1 };
    const braces = /^\{(\d+)(,?)(\d*)\}/.exec(this.#text.slice(this.#at, this.#at + 12).join(''));
    if (braces === null) return undefined;
    this.#at += braces[0].length;
    const least = Number(braces[1]);
    if (braces[2] === '') return { least, most: least };
    return { least, most: braces[3] === '' ? Number.POSITIVE_INFINITY : Number(braces[3]) };
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #next(): string {
    const character = this.#peek();
    this.#at += 1;
    return character;
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }
}
