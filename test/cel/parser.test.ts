import { describe, expect, it } from 'vitest';
import { parse } from '../../src/cel/syntax/parser.ts';
import { Source } from '../../src/cel/syntax/source.ts';
import { Uint } from '../../src/cel/value.ts';
import { answer, compileUser } from './evaluation.ts';

/** The first issue of a text that is no expression: `line:column message`, the column from 0. */
function firstIssue(text: string): string {
  const compilation = compileUser(text);
  if (compilation.ok) return 'loads';
  const [issue] = compilation.issues;
  return issue === undefined ? compilation.error : `${issue.line}:${issue.column} ${issue.message}`;
}

describe('a literal', () => {
  it.each<[string, string, unknown]>([
    ['an int', '42', 42n],
    ['an int in hexadecimal', '0xfF', 255n],
    ['the least int, with its sign', '-9223372036854775808', -(2n ** 63n)],
    ['a uint', '0x10u', new Uint(16n)],
    ['a double', '1.5e3', 1500],
    ['a double that begins with a point', '.5', 0.5],
    [
      'a string with every escape',
      String.raw`'\a\b\f\n\r\t\v\\\'\"\?\`' + "\x41\101\u00e9\U0001F600"`,
      '\x07\b\f\n\r\t\v\\\'"?`AAé😀',
    ],
    ['a raw string, in which nothing is escaped', String.raw`r'\n\'`, String.raw`\n\ `.trimEnd()],
    ['a string over lines, whose ends become line feeds', "'''a\r\nb\rc'''", 'a\nb\nc'],
    ['a string with quotes of the other kind', `"it's"`, "it's"],
    [
      'bytes: characters as UTF-8, escapes as bytes',
      String.raw`b'é\xff\377'`,
      Buffer.from([0xc3, 0xa9, 0xff, 0xff]),
    ],
    ['raw bytes', String.raw`br'\d'`, Buffer.from(String.raw`\d`)],
    ['true', 'true', true],
    ['null', 'null', null],
    ['a list with a comma at its end', '[1, 2,]', [1n, 2n]],
    ['an empty list with a comma alone', '[,]', []],
    ['a list with optional elements', '[?optional.of(1), ?optional.none(), 3]', [1n, 3n]],
  ])('%s', (_, text, value) => {
    expect(answer(text)).toEqual(value);
  });
});

describe('operators', () => {
  it.each<[string, string, unknown]>([
    ['multiplication before addition', '1 + 2 * 3', 7n],
    ['from left to right', '10 - 4 - 3', 3n],
    ['a condition within another', 'false ? 1 : true ? 2 : 3', 2n],
    ['a relation of a relation', '1 < 2 == true', true],
    ['an even number of minuses is none', '--1', 1n],
    ['an odd number of exclamation marks is one', '!!!true', false],
    ['a comment ends with its line', '1 + // one\n2', 3n],
    ['a name from the outermost scope', '[1].exists(user, .user.username == "alice")', true],
  ])('%s', (_, text, value) => {
    expect(answer(text)).toEqual(value);
  });
});

describe('what is no expression is refused at the place where cel-go sees it', () => {
  it.each<[string, string]>([
    ['', "1:0 Syntax error: mismatched input '<EOF>'"],
    ['1 +', "1:3 Syntax error: mismatched input '<EOF>'"],
    ['1 + + 2', "1:4 Syntax error: extraneous input '+'"],
    ['(1', "1:2 Syntax error: missing ')' at '<EOF>'"],
    ['[1,,2]', "1:3 Syntax error: mismatched input ','"],
    ['a b', "1:2 Syntax error: extraneous input 'b' expecting <EOF>"],
    ['1\n + @', "2:3 Syntax error: token recognition error at: '@'"],
    ['"é" + @', "1:6 Syntax error: token recognition error at: '@'"],
    ['a = b', "1:2 Syntax error: token recognition error at: '= '"],
    [`'\\8'`, "1:0 Syntax error: token recognition error at: ''\\8'"],
    ['"open', `1:0 Syntax error: token recognition error at: '"open'`],
    [`b'\\u0041'`, '1:0 unable to unescape string'],
    [`'\\ud800'`, '1:0 invalid unicode code point'],
    ['-9223372036854775809', '1:0 invalid int literal'],
    ['9223372036854775808', '1:0 invalid int literal'],
    ['18446744073709551616u', '1:0 invalid uint literal'],
    ['1e309', '1:0 invalid double literal'],
    ['package', '1:0 reserved identifier: package'],
    ['user.`a`', "1:5 unsupported syntax: '`'"],
    ['user.true', "1:5 Syntax error: mismatched input 'true'"],
    ['has(user)', '1:4 invalid argument to has() macro'],
    ['[1].all(1, true)', '1:8 argument must be a simple name'],
    ['[1].map(x.y, 1)', '1:9 argument is not an identifier'],
    ['[1].exists(x, x, x)', '1:14 duplicate variable name: x'],
    ['[1].all(__result__, true)', '1:8 iteration variable overwrites accumulator variable'],
    ['-!true', '1:1 Syntax error'],
    ['.all(x, true)', "1:4 undeclared reference to '.all'"],
  ])('%j: %s', (text, issue) => {
    expect(firstIssue(text).slice(0, issue.length)).toBe(issue);
  });
});

describe('limits', () => {
  it.each<[string, string, string]>([
    ['parentheses within parentheses', '('.repeat(250), 'expression recursion limit exceeded: 250'],
    ['lists within lists', '['.repeat(250), 'expression recursion limit exceeded: 250'],
    ['sums', `1${' + 1'.repeat(251)}`, 'max recursion depth exceeded'],
    ['selections', `user${'.a'.repeat(251)}`, 'max recursion depth exceeded'],
    [
      'code points',
      `'${'a'.repeat(99_999)}'`,
      'expression code point size exceeds limit: size: 100001, limit 100000',
    ],
  ])('on %s', (_, text, message) => {
    expect(firstIssue(text)).toBe(`-1:-1 ${message}`);
  });
  it.each<[string, string]>([
    ['parentheses within parentheses', `${'('.repeat(249)}1${')'.repeat(249)}`],
    ['sums', `1${' + 1'.repeat(250)}`],
    ['exclamation marks, and terms of a disjunction', `${'!'.repeat(1001)}true${' || true'.repeat(1000)}`],
    ['code points', `'${'😀'.repeat(99_998)}'`],
  ])('leave room for many %s', (_, text) => {
    expect(parse(new Source(text)).ok).toBe(true);
  });
  it('are reached in time that grows with the text', () => {
    for (const part of ['"', "'''", '\\', '`', '(', 'a.', '- ', '0x', '//\n', '\\x', '"\\']) {
      expect(parse(new Source(part.repeat(20_000))).ok).toBe(false);
    }
  });
});
