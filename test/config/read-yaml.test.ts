import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/config/yaml/read-yaml.ts';
import { toPlain } from './plain.ts';

// The answers are those of sigs.k8s.io/yaml over go-yaml 2, which is what kube-apiserver reads with.

const READ: readonly (readonly [string, string, unknown])[] = [
  ['a plain scalar over several lines is folded', 'a: one\n  two\n\n  three\n', { a: 'one two\nthree' }],
  ['white space inside a plain line is kept', 'a: b  c\n', { a: 'b  c' }],
  ['a hash without white space before it is no comment', 'a: b#c\n', { a: 'b#c' }],
  ['a hash with white space before it is a comment', 'a: b #c\n', { a: 'b' }],
  ['a colon without white space after it is no indicator', 'a: b:c\n', { a: 'b:c' }],
  ['single quotes double to one', "a: 'it''s'\n", { a: "it's" }],
  [
    'double quotes know escapes',
    'a: "\\t\\x41\\u00e9\\U0001F600\\_\\N\\L\\e\\0"\n',
    { a: '\tA\u00e9\ud83d\ude00\u00a0\u0085\u2028\u001b\u0000' },
  ],
  ['an escaped line break is nothing', 'a: "x\\\n   y"\n', { a: 'xy' }],
  ['a quoted line break is a space', 'a: "x\n  y\n\n  z"\n', { a: 'x y\nz' }],
  ['a literal scalar keeps its lines', 'a: |\n  x\n   y\n\n  z\n', { a: 'x\n y\n\nz\n' }],
  [
    'a literal scalar is clipped, stripped or kept at its end',
    'a: |\n  x\n\nb: |-\n  x\n\nc: |+\n  x\n\n',
    { a: 'x\n', b: 'x', c: 'x\n\n' },
  ],
  ['a literal scalar may say its indentation', 'a: |2\n   x\n  y\n', { a: ' x\ny\n' }],
  [
    'a folded scalar folds what is not indented',
    'a: >\n  x\n  y\n\n  z\n   w\n  v\n',
    { a: 'x y\nz\n w\nv\n' },
  ],
  [
    'carriage returns end lines',
    'a: b\r\nc: |\r\n  d\r\n  e\r\nf: g\rh: i',
    { a: 'b', c: 'd\ne\n', f: 'g', h: 'i' },
  ],
  ['a next line character ends a line as YAML 1.1 has it', 'a: b\u0085c: d', { a: 'b', c: 'd' }],
  ['a line separator ends a line too and stays in a value', 'a: "x\u2028y"', { a: 'x\u2028y' }],
  ['a byte order mark is passed over', '\ufeffa: b', { a: 'b' }],
  ['yes and on are booleans', 'a: yes\nb: Off\nc: n\nd: TRUE\n', { a: true, b: false, c: false, d: true }],
  ['a tilde and nothing are null', 'a: ~\nb:\nc: Null\n', { a: null, b: null, c: null }],
  [
    'octal, hexadecimal and binary are numbers',
    'a: 010\nb: 0o17\nc: 0x1F\nd: 0b11\ne: -0b1\n',
    { a: '<number>', b: '<number>', c: '<number>', d: '<number>', e: '<number>' },
  ],
  ['underscores in numbers are passed over', 'a: 1_000\nb: 0x_f_f\n', { a: '<number>', b: '<number>' }],
  ['a number with a leading zero that is not octal is decimal', 'a: 08\n', { a: '<number>' }],
  [
    'numbers beyond 64 bits are floats or strings',
    'a: 18446744073709551616\nb: 0xFFFFFFFFFFFFFFFFFF\n',
    { a: '<number>', b: '0xFFFFFFFFFFFFFFFFFF' },
  ],
  ['sixty is no base', 'a: 1:30\n', { a: '1:30' }],
  [
    'a date is a string',
    'a: 2020-01-01\nb: 2020-01-01T00:00:00Z\n',
    { a: '2020-01-01', b: '2020-01-01T00:00:00Z' },
  ],
  ['quoted words are strings', 'a: "yes"\nb: \'5\'\n', { a: 'yes', b: '5' }],
  [
    'a tag decides the type',
    "a: !!str 5\nb: !!float 1\nc: !!bool y\nd: !!null ''\n",
    { a: '5', b: '<number>', c: true, d: null },
  ],
  ["a tag of one's own makes a string", 'a: !foo 5\nb: ! 5\n', { a: '5', b: '5' }],
  ['binary is decoded', 'a: !!binary aGk=\n', { a: 'hi' }],
  ["a sequence may stand at its key's indentation", 'a:\n- b\n- c\nd: e\n', { a: ['b', 'c'], d: 'e' }],
  ['sequences nest on one line', '- - a\n  - b\n- - c\n', [['a', 'b'], ['c']]],
  ['an entry may be empty', '-\n- a\n-\n', [null, 'a', null]],
  ['a key may be explicit', '? a\n: b\n? c\n', { a: 'b', c: null }],
  ['a key may be quoted', '"a: b": c\n\'d\': e\n', { 'a: b': 'c', d: 'e' }],
  [
    'keys that are no strings become strings',
    '1: a\n1.5: b\ntrue: c\n0x10: d\n1e6: e\n.inf: f\n',
    { '.inf': 'f', '1': 'a', '1.5': 'b', '16': 'd', '1e+06': 'e', true: 'c' },
  ],
  [
    'braces and brackets nest over lines',
    'a: {b: [c, d,\n e], ? f : g, h}\n',
    { a: { b: ['c', 'd', 'e'], f: 'g', h: null } },
  ],
  ['a pair may stand alone in brackets', '[a: b, ? c : d]\n', [{ a: 'b' }, { c: 'd' }]],
  ['in braces a colon after quotes needs no space', '- {"a":b, \'c\':d}\n', [{ a: 'b', c: 'd' }]],
  ["brackets may end at the key's indentation", 'a: [\n  b\n]\n', { a: ['b'] }],
  ['a tab may separate', 'a:\tb\n', { a: 'b' }],
  ['an anchor names a value', 'a: &x {b: c}\nd: *x\n', { a: { b: 'c' }, d: { b: 'c' } }],
  [
    'a merge key adds what is not there',
    'a: &x {b: 1, c: 2}\nd:\n  <<: *x\n',
    { a: { b: '<number>', c: '<number>' }, d: { b: '<number>', c: '<number>' } },
  ],
  ['of several merges the first wins', '<<: [{a: x}, {a: y, b: z}]\n', { a: 'x', b: 'z' }],
  ['only the first document counts', 'a: b\n---\nc: d\n', { a: 'b' }],
  ['what follows a document end is not read', 'a: b\n...\n]]]\n', { a: 'b' }],
  ['what follows a closed brace is not read', '--- {a: b}\n]\n', { a: 'b' }],
  [
    'a verbatim tag, and a tag with escapes',
    'a: !<tag:yaml.org,2002:str> 5\nb: !x%C3%A9 6\nc: !!st%72 7\n',
    { a: '5', b: '6', c: '7' },
  ],
  ['directives are read', '%YAML 1.1\n%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 5\n', { a: '5' }],
  ['nothing is null', '\n', null],
  ['a comment is null', '# a\n', null],
];

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['a tab for indentation', 'a:\n\tb: c\n', 'yaml: line 2: found character that cannot start any token'],
  [
    'a tab in a later line of a plain scalar',
    '- a: b\n\tc\n',
    'yaml: line 2: found a tab character that violates indentation',
  ],
  [
    'a tab where a literal scalar is indented',
    'a: |\n\tx\n',
    'yaml: line 2: found a tab character where an indentation space is expected',
  ],
  [
    'a value that is indented under a value',
    'a: b\n  c: d\n',
    'yaml: line 2: mapping values are not allowed in this context',
  ],
  ['two values on a line', 'a: b: c\n', 'yaml: mapping values are not allowed in this context'],
  [
    'a sequence entry after a key',
    'a: - b\n',
    'yaml: block sequence entries are not allowed in this context',
  ],
  ['an indentation that fits nowhere', 'a:\n    b: c\n  d: e\n', 'yaml: line 2: did not find expected key'],
  ['a key without a value between keys', 'a: b\nc\nd: e\n', "yaml: line 3: could not find expected ':'"],
  ['brackets that are not closed', 'a: [b, c\n', "yaml: line 1: did not find expected ',' or ']'"],
  ['braces that are not closed', 'a: {b: c\n', "yaml: line 1: did not find expected ',' or '}'"],
  ['a bracket that was not opened', 'a: b\nc: ]\n', 'yaml: line 1: did not find expected node content'],
  ['two entries without a comma', 'a: [b] c\n', 'yaml: did not find expected key'],
  ['entries of braces without a comma', 'a: {b: c d: e}\n', "yaml: did not find expected ',' or '}'"],
  ['quotes that are not closed', "a: 'b\n", 'yaml: line 2: found unexpected end of stream'],
  ['text after quotes', 'a: "b" c\n', 'yaml: did not find expected key'],
  ['an unknown escape', 'b: 1\na: "\\q"\n', 'yaml: line 2: found unknown escape character'],
  [
    'an escape with too few digits',
    'b: 1\na: "\\x4"\n',
    'yaml: line 2: did not find expected hexdecimal number',
  ],
  [
    'an escaped surrogate',
    'b: 1\na: "\\ud800"\n',
    'yaml: line 2: found invalid Unicode character escape code',
  ],
  [
    'a document indicator inside quotes',
    "a: '\n---\n'\n",
    'yaml: line 2: found unexpected document indicator',
  ],
  ['a reserved character', 'b: 1\na: @b\n', 'yaml: line 2: found character that cannot start any token'],
  ['a backquote', 'b: 1\na: `b\n', 'yaml: line 2: found character that cannot start any token'],
  ['a percent sign', 'b: 1\na: %b\n', 'yaml: line 2: found character that cannot start any token'],
  ['an unknown anchor', 'a: *b\n', "yaml: unknown anchor 'b' referenced"],
  [
    'an anchor without a name',
    'b: 1\na: & b\n',
    'yaml: line 2: did not find expected alphabetic or numeric character',
  ],
  ['an anchor that contains itself', 'a: &b [*b]\n', "yaml: anchor 'b' value contains itself"],
  ['two anchors on one value', 'b: 1\na: &x &y z\n', 'yaml: line 1: did not find expected key'],
  ['a tag handle that was not declared', 'b: 1\na: !e!x y\n', 'yaml: line 1: found undefined tag handle'],
  ['an empty tag', 'b: 1\na: !<> y\n', 'yaml: line 2: did not find expected tag URI'],
  ['a tag with a bad escape', 'b: 1\na: !b%zz c\n', 'yaml: line 2: did not find URI escaped octet'],
  [
    'an indentation indicator of zero',
    'b: 1\na: |0\n  x\n',
    'yaml: line 2: found an indentation indicator equal to 0',
  ],
  [
    'text after a block indicator',
    'b: 1\na: |x\n  x\n',
    'yaml: line 2: did not find expected comment or line break',
  ],
  ['an unknown directive', '%FOO\n---\na: b\n', 'yaml: found unknown directive name'],
  ['a directive without a name', '%\n---\na: b\n', 'yaml: could not find expected directive name'],
  [
    'a directive with a bad name',
    '%YAML! 1.1\n---\na: b\n',
    'yaml: found unexpected non-alphabetical character',
  ],
  ['a version without numbers', '%YAML x\n---\na: b\n', 'yaml: did not find expected version number'],
  ['a version without a point', '%YAML 1\n---\na: b\n', "yaml: did not find expected digit or '.' character"],
  ['a version of many digits', '%YAML 123.1\n---\na: b\n', 'yaml: found extremely long version number'],
  ['text after a version', '%YAML 1.1 x\n---\na: b\n', 'yaml: did not find expected comment or line break'],
  ['a tag directive without a handle', '%TAG x\n---\na: b\n', "yaml: did not find expected '!'"],
  ['a tag directive whose handle is not closed', '%TAG !e x\n---\na: b\n', "yaml: did not find expected '!'"],
  ['a tag directive without a prefix', '%TAG !e!\n---\na: b\n', 'yaml: did not find expected whitespace'],
  ['a tag directive with a bad prefix', '%TAG !e! <\n---\na: b\n', 'yaml: did not find expected tag URI'],
  [
    'two tag directives of one handle',
    '%TAG !e! x:\n%TAG !e! y:\n---\na: b\n',
    'yaml: line 1: found duplicate %TAG directive',
  ],
  ['a verbatim tag that is not closed', 'b: 1\na: !<x y\n', "yaml: line 2: did not find the expected '>'"],
  ['a tag with half a character', 'b: 1\na: !x%C3y z\n', 'yaml: line 2: did not find URI escaped octet'],
  ['a tag with a bad octet', 'b: 1\na: !x%FF z\n', 'yaml: line 2: found an incorrect leading UTF-8 octet'],
  [
    'a tag that runs into text',
    'b: 1\na: !x{y} z\n',
    'yaml: line 2: did not find expected whitespace or line break',
  ],
  ['another version', '%YAML 1.2\n---\na: b\n', 'yaml: found incompatible YAML document'],
  [
    'two version directives',
    '%YAML 1.1\n%YAML 1.1\n---\na: b\n',
    'yaml: line 1: found duplicate %YAML directive',
  ],
  [
    'directives without a document',
    '%YAML 1.1\na: b\n',
    'yaml: line 1: did not find expected <document start>',
  ],
  ['a control character', 'a: \u0001\n', 'yaml: control characters are not allowed'],
  ['a NUL', 'a: b\u0000\n', 'yaml: control characters are not allowed'],
  ['a delete character', 'a: \u007f\n', 'yaml: control characters are not allowed'],
  [
    'a control character after the document, in what is read at once',
    'a: b\n...\n\u0001\n',
    'yaml: control characters are not allowed',
  ],
  ['a list as a key', '? [a]\n: b\n', 'yaml: invalid map key: []interface {}{"a"}'],
  ['a map as a key', '? {a: b}\n: c\n', 'yaml: invalid map key: map[interface {}]interface {}{"a":"b"}'],
  ['a null key', '~: a\n', 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "a"'],
  [
    'a key beyond signed 64 bits',
    '18446744073709551615: a\n',
    'unsupported map key of type: uint64, key: 0xffffffffffffffff, value: "a"',
  ],
  ['a merge of no map', '<<: 5\n', 'yaml: map merge requires map or sequence of maps as the value'],
  [
    'a merge of a list of no maps',
    '<<: [5]\n',
    'yaml: map merge requires map or sequence of maps as the value',
  ],
  ['a string tagged as a number', 'a: !!int abc\n', 'yaml: cannot decode !!str `abc` as a !!int'],
  ['a number tagged as null', 'a: !!null 5\n', 'yaml: cannot decode !!int `5` as a !!null'],
  [
    'no timestamp tagged as one',
    'a: !!timestamp 2020-02-30\n',
    'yaml: cannot decode !!str `2020-02-30` as a !!timestamp',
  ],
  ['binary that is not base64', "a: !!binary '?'\n", 'yaml: !!binary value contains invalid base64 data'],
  ['not a number', 'a: .nan\n', 'json: unsupported value: NaN'],
  ['infinity', 'a: -.inf\n', 'json: unsupported value: -Inf'],
  [
    'a key that is longer than 1024 characters',
    `${'a'.repeat(1030)}: b\n`,
    'yaml: mapping values are not allowed in this context',
  ],
];

describe('a YAML text is read as Kubernetes reads it', () => {
  it.each(READ)('%s', (_name, text, value) => {
    const result = readYaml(text);
    expect(result.ok && toPlain(result.root)).toEqual(value);
  });
});

describe('a YAML text is refused as Kubernetes refuses it', () => {
  it.each(REFUSED)('%s', (_name, text, error) => {
    const result = readYaml(text);
    expect(!result.ok && result.error.message).toBe(error);
  });
});
