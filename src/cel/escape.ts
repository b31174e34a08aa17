const SEQUENCE = /__[^_]+__/g;

const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ['__underscores__', '__'],
  ['__dot__', '.'],
  ['__dash__', '-'],
  ['__slash__', '/'],
]);

const KEYWORDS: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/**
 * What a name stands for that Kubernetes escaped into an identifier: `a__dot__b` is `a.b`, `__namespace__` is `namespace`.
 * undefined where the name holds a sequence that is no escape.
 */
export function unescapeName(name: string): string | undefined {
  if (!name.includes('__')) return name;
  let isValid = true;
  const unescaped = name.replace(SEQUENCE, (sequence) => {
    const symbol = SYMBOLS.get(sequence);
    if (symbol !== undefined) return symbol;
    const keyword = sequence.slice(2, -2);
    isValid &&= KEYWORDS.has(keyword) && sequence.length === name.length;
    return keyword;
  });
  return isValid ? unescaped : undefined;
}
