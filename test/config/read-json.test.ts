import { describe, expect, it } from 'vitest';
import { readJson } from '../../src/config/read-json.ts';
import { toPlain } from './plain.ts';

describe('a JSON text is read', () => {
  it.each([
    ['white space anywhere', ' {\n"a" :\t[ 1 , true ] , "b":null } \r\n', { a: ['<number>', true], b: null }],
    ['nothing in brackets and braces', '{"a":[],"b":{}}', { a: [], b: {} }],
    ['every escape', '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9"}', { a: '"\\/\b\f\n\r\té' }],
    ['a pair of surrogates', '{"a":"\\ud83d\\ude00"}', { a: '😀' }],
    ['half a pair, which becomes U+FFFD', '{"a":"\\ud83dx\\ude00"}', { a: '\ufffdx\ufffd' }],
    ['an escaped key', '{"\\u0061":"b"}', { a: 'b' }],
    ['every form of number', '{"a":[0,-0,1.5,1e5,-1.5E-3,1e+1]}', { a: Array(6).fill('<number>') }],
  ])('with %s', (_name, text, value) => {
    const result = readJson(text);
    expect(result.ok && toPlain(result.root)).toEqual(value);
  });

  it('with both of two like keys', () => {
    const result = readJson('{"a":1,"a":2}');
    expect(result.ok && result.root.kind === 'map' && result.root.entries.map(({ key }) => key)).toEqual([
      'a',
      'a',
    ]);
  });
});

describe("a JSON text is refused in Go's words", () => {
  it.each([
    [
      'a comma before a brace',
      '{"a":1,}',
      "invalid character '}' looking for beginning of object key string",
    ],
    ['a comma before a bracket', '{"a":[1,]}', "invalid character ']' looking for beginning of value"],
    ['a comment', '{// c\n"a":1}', "invalid character '/' looking for beginning of object key string"],
    ['a key without quotes', '{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['a single quote', "{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['no colon', '{"a" 1}', "invalid character '1' after object key"],
    ['no comma in braces', '{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ['no comma in brackets', '{"a":[1 2]}', "invalid character '2' after array element"],
    ['a second value', '{} {}', "invalid character '{' after top-level value"],
    ['a character beyond ASCII', '{é}', "invalid character 'Ã' looking for beginning of object key string"],
    [
      'a byte order mark inside',
      '{\ufeff}',
      "invalid character 'ï' looking for beginning of object key string",
    ],
    [
      'a control character',
      '{\u0001}',
      "invalid character '\\x01' looking for beginning of object key string",
    ],
    ['a line break in a string', '{"a":"\n"}', "invalid character '\\n' in string literal"],
    ['an unknown escape', '{"a":"\\q"}', "invalid character 'q' in string escape code"],
    ['a short escape', '{"a":"\\u12"}', "invalid character '\"' in \\u hexadecimal character escape"],
    ['a misspelt word', '{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['a leading zero', '{"a":01}', "invalid character '1' after object key:value pair"],
    ['a leading point', '{"a":.5}', "invalid character '.' looking for beginning of value"],
    ['a minus alone', '{"a":-}', "invalid character '}' in numeric literal"],
    ['a point without digits', '{"a":1.}', "invalid character '}' after decimal point in numeric literal"],
    ['an exponent without digits', '{"a":1e}', "invalid character '}' in exponent of numeric literal"],
    ['an end in the middle', '{"a":[1', 'unexpected end of JSON input'],
    ['an end in a string', '{"a', 'unexpected end of JSON input'],
    ['nesting beyond all bounds', '{"a":'.repeat(100_000), 'exceeded max depth'],
  ])('%s', (_name, text, error) => {
    const result = readJson(text);
    expect(!result.ok && result.error.message).toBe(error);
  });

  it('with the place of the first wrong character', () => {
    expect(readJson('{"a": x}')).toMatchObject({ ok: false, error: { start: 6 } });
  });
});
