import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/decode.ts';
import type { Span } from '../../src/config/issue.ts';
import type { ConfigSource } from '../../src/config/types.ts';

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n';
const RULE = 'x509[0].userValidationRules[0].expression';

function sourceOf(text: string): ConfigSource {
  const result = loadConfig(text);
  if (result.kind === 'invalid') throw new Error(result.error);
  return result.config.source;
}

/** What stands at a span. */
function cut(text: string, { line, column, endLine, endColumn }: Span): string {
  const lines = text.split(/(?<=\r\n|\n|\r(?!\n))/);
  const offset = (row: number, at: number): number => lines.slice(0, row - 1).join('').length + at - 1;
  return text.slice(offset(line, column), offset(endLine, endColumn));
}

function ruleWith(written: string): string {
  return `${HEAD}x509:\n- issuer: {name: a}\n  userValidationRules:\n  - expression: ${written}\n    message: m\n`;
}

describe('a value is found by its path', () => {
  const text = `${HEAD}x509:\n- issuer:\n    name: my-ca # c\n  userValidationRules: [{expression: 'a'}]\n`;
  const source = sourceOf(text);
  it.each([
    ['x509[0].issuer.name', 'my-ca'],
    [RULE, "'a'"],
    ['x509[0].userValidationRules[0]', "{expression: 'a'}"],
    ['x509[0].issuer', 'name: my-ca'],
    ['kind', 'AuthenticationConfiguration'],
  ])('%s', (path, written) => {
    expect(cut(text, source.locate(path))).toBe(written);
  });
  it.each([
    ['a field that is not there', 'x509[0].issuer.certificateAuthority', 'name: my-ca'],
    ['an item that is not there', 'x509[0].userValidationRules[7].message', "[{expression: 'a'}]"],
    ['a field of a string', 'x509[0].issuer.name.foo', 'my-ca'],
  ])('or its nearest parent: %s', (_name, path, written) => {
    expect(cut(text, source.locate(path))).toBe(written);
  });
  it('in JSON too', () => {
    const json =
      '{"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration", "x509": [ {} ]}';
    expect(cut(json, sourceOf(json).locate('x509[0]'))).toBe('{}');
  });
});

describe('a place inside a string is found where it was written', () => {
  it.each([
    ['plain', { written: 'user.username == foo', at: { line: 1, column: 17, length: 3 }, found: 'foo' }],
    [
      'plain, over lines',
      { written: 'one\n      two\n\n      three', at: { line: 2, column: 0, length: 5 }, found: 'three' },
    ],
    ['single quotes', { written: "'it''s here'", at: { line: 1, column: 5, length: 4 }, found: 'here' }],
    ['a doubled single quote', { written: "'it''s here'", at: { line: 1, column: 2 }, found: "''" }],
    ['double quotes', { written: '"a \\"b\\" c"', at: { line: 1, column: 6, length: 1 }, found: 'c' }],
    ['an escape', { written: '"a\\u00e9b"', at: { line: 1, column: 1 }, found: '\\u00e9' }],
    [
      'an escaped line break',
      { written: '"ab\\\n      cd"', at: { line: 1, column: 2, length: 2 }, found: 'cd' },
    ],
    [
      'a literal scalar',
      { written: '|\n      a ==\n        foo(b)\n', at: { line: 2, column: 2, length: 3 }, found: 'foo' },
    ],
    [
      'a literal scalar with indentation indicator',
      { written: '|1\n     a\n      b\n', at: { line: 2, column: 1 }, found: 'b' },
    ],
    [
      'a folded scalar',
      {
        written: '>-\n      one\n      two\n\n      three\n',
        at: { line: 1, column: 4, length: 3 },
        found: 'two',
      },
    ],
    [
      'a folded scalar, after its paragraph',
      {
        written: '>-\n      one\n      two\n\n      three\n',
        at: { line: 2, column: 1, length: 2 },
        found: 'hr',
      },
    ],
    [
      'characters beyond the basic plane',
      { written: "'😀😀 == foo'", at: { line: 1, column: 6, length: 3 }, found: 'foo' },
    ],
    ['a character beyond the basic plane', { written: "'a😀b'", at: { line: 1, column: 1 }, found: '😀' }],
    ['a value with a tag', { written: '!!str foo bar', at: { line: 1, column: 4, length: 3 }, found: 'bar' }],
    ['the end of the value', { written: 'a +', at: { line: 1, column: 3, length: 1 }, found: '' }],
    ['a place past the end', { written: 'a', at: { line: 9, column: 9, length: 9 }, found: '' }],
  ])('%s', (_name, { written, at, found }) => {
    const text = ruleWith(written);
    expect(cut(text, sourceOf(text).locateWithin(RULE, at))).toBe(found);
  });

  it('with carriage returns', () => {
    const text = ruleWith('|\n      a\n      b\n').replaceAll('\n', '\r\n');
    expect(cut(text, sourceOf(text).locateWithin(RULE, { line: 2, column: 0 }))).toBe('b');
  });
  it('through an alias, where the anchor is', () => {
    const text = `${HEAD}x509:\n- issuer: {name: &n foo}\n  userValidationRules:\n  - message: *n\n`;
    const path = 'x509[0].userValidationRules[0].message';
    expect(cut(text, sourceOf(text).locateWithin(path, { line: 1, column: 1, length: 2 }))).toBe('oo');
  });
  it('as a whole where its text is not the file’s', () => {
    const text = ruleWith('!!binary YWJj');
    expect(cut(text, sourceOf(text).locateWithin(RULE, { line: 1, column: 1 }))).toBe('YWJj');
  });
  it('as its parent where it is not in the file', () => {
    const text = `${HEAD}x509:\n- issuer: {name: foo}\n`;
    expect(cut(text, sourceOf(text).locateWithin(RULE, { line: 1, column: 1 }))).toBe('issuer: {name: foo}');
  });
});

describe('whatever a string holds and however it is written', () => {
  const styles: readonly (readonly [string, (value: string) => string])[] = [
    ['double quotes', (value) => JSON.stringify(value)],
    ['escapes alone', (value) => `"${Array.from(value, (c) => `\\U${hex(c)}`).join('')}"`],
    ['single quotes', (value) => `'${value.replaceAll("'", "''").replaceAll(/\n+/g, '$&\n      ')}'`],
    [
      'a literal scalar',
      (value) =>
        `|2-\n${value
          .split('\n')
          .map((line) => `      ${line}\n`)
          .join('')}`,
    ],
  ];
  const letters = fc.constantFrom('a', 'b', "'", '"', '\\', ':', '#', 'é', '😀', '%', '{', '\n');
  const words = fc.array(letters, { minLength: 1, maxLength: 30 }).map((parts) => `x${parts.join('')}x`);
  it.each(styles)('its value and its places come back: %s', (_name, write) => {
    fc.assert(
      fc.property(words, fc.nat(40), (value, at) => {
        const text = ruleWith(write(value)).replace('    message: m\n', '');
        const result = loadConfig(text);
        if (result.kind === 'invalid') throw new Error(result.error);
        expect(result.config.x509[0]?.userValidationRules[0]?.expression).toBe(value);
        const characters = Array.from(value);
        const before = characters.slice(0, at % characters.length);
        const line = before.filter((c) => c === '\n').length + 1;
        const column = before.length - (before.lastIndexOf('\n') + 1);
        const character = characters[before.length] ?? '';
        const found = cut(text, result.config.source.locateWithin(RULE, { line, column }));
        expect(found === character || isWrittenAs(found, character)).toBe(true);
      }),
    );
  });
});

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).padStart(8, '0');
}

/** Escapes, doubled quotes and folded lines stand for one character. */
function isWrittenAs(found: string, character: string): boolean {
  if (found === `\\U${hex(character)}`) return true;
  if (character === '\n') return /^\s+$/.test(found) || found === '\\n';
  return found === character + character || found === `\\${character}`;
}
