import { CelError } from '../error.ts';
import { cachedRegex } from '../library/regex-cache.ts';
import { parseRegex, type RegexNode } from './regex-tree.ts';

/** Different choices that are made where an expression leaves one: as little as can be, one, many. */
const VARIANTS = 12;

/** As long as a text of many gets; more digits than any number has. */
const MANY = 24;

/** Texts that an expression matches, found by reading it and matched by the expression itself. */
export function regexSamples(pattern: string): readonly string[] {
  const regex = cachedRegex(pattern);
  if (regex instanceof CelError) return [];
  const tree = parseRegex(pattern);
  const texts = new Set(Array.from({ length: VARIANTS }, (_, variant) => sampleOf(tree, variant)));
  return [...texts].filter((text) => regex.test(text) === true);
}

/** Whether a text matches an expression. */
export function isMatch(pattern: string, text: string): boolean {
  const regex = cachedRegex(pattern);
  return !(regex instanceof CelError) && regex.test(text) === true;
}

function sampleOf(node: RegexNode, variant: number): string {
  switch (node.kind) {
    case 'characters':
      return node.characters[variant % node.characters.length] ?? '';
    case 'sequence':
      return node.parts.map((part) => sampleOf(part, variant)).join('');
    case 'choice':
      return sampleOf(node.branches[variant % node.branches.length] as RegexNode, variant);
    case 'repeat':
      return Array.from({ length: countOf(node, variant) }, () => sampleOf(node.part, variant)).join('');
  }
}

function countOf({ least, most }: RegexNode & { readonly kind: 'repeat' }, variant: number): number {
  const wanted = [Math.max(least, 1), least, MANY][variant % 3] ?? 1;
  return Math.max(least, Math.min(wanted, most, MANY));
}
