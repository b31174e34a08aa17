import { dirname } from 'node:path';

/** Whether an argument has wildcards. */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

/** The folder that everything is below that a glob can match. */
export function staticPrefix(glob: string): string {
  const first = glob.search(/[*?[{]/);
  const before = glob.slice(0, first);
  if (before === '') return '.';
  return before.endsWith('/') ? before : dirname(before);
}

const TOKEN = /\*\*\/|\*\*|\*|\?|\[!?[^\]]+\]|\{[^{}]*\}|[^*?[{]+|[[{]/g;

/** A glob as a regular expression over paths with slashes: `*` and `?` stay within a folder, `**` does not, `{a,b}` is either. */
export function globToRegExp(glob: string): RegExp {
  const parts = [...glob.matchAll(TOKEN)].map(([token]) => tokenToRegExp(token));
  return new RegExp(`^${parts.join('')}$`);
}

function tokenToRegExp(token: string): string {
  if (token === '**/') return '(?:[^/]+/)*';
  if (token === '**') return '.*';
  if (token === '*') return '[^/]*';
  if (token === '?') return '[^/]';
  if (/^\[.+\]$/.test(token)) {
    const isNegated = token.startsWith('[!');
    return `[${isNegated ? '^' : ''}${token.slice(isNegated ? 2 : 1, -1).replaceAll(/[\\\]^]/g, '\\$&')}]`;
  }
  if (/^\{.*\}$/.test(token)) {
    const choices = token.slice(1, -1).split(',');
    return `(?:${choices.map((choice) => globToRegExp(choice).source.slice(1, -1)).join('|')})`;
  }
  return token.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
