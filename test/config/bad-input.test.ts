import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/decode.ts';

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n';

/** Lists of lists by alias, each of nine of the one before. */
function aliasBomb(levels: number): string {
  const names = 'abcdefghijklmnopqrstuvwxyz'.split('').slice(0, levels);
  const lines = names.map((name, index) => {
    const item = index === 0 ? 'x' : `*${names[index - 1]}`;
    return `${name}: &${name} [${Array(9).fill(item).join(',')}]\n`;
  });
  return lines.join('') + HEAD;
}

describe('bad input is refused', () => {
  it.each([
    [
      'a tab for indentation',
      `${HEAD}x509:\n\t- {}\n`,
      'yaml: line 4: found character that cannot start any token',
    ],
    ['a NUL', `${HEAD}x509: []\0\n`, 'yaml: control characters are not allowed'],
    ['a lone surrogate', `${HEAD}x509: "\ud800"\n`, 'yaml: control characters are not allowed'],
    ['a billion laughs', aliasBomb(9), 'yaml: document contains excessive aliasing'],
    ['an anchor inside itself', `${HEAD}x509: &a [*a]\n`, "yaml: anchor 'a' value contains itself"],
    [
      'a merge of itself',
      `${HEAD}x509: &a [{<<: *a}]\n`,
      'yaml: map merge requires map or sequence of maps as the value',
    ],
    ['a map merged into itself', `${HEAD}anonymous: &a {<<: *a}\n`, "yaml: anchor 'a' value contains itself"],
    [
      'brackets without end',
      `${HEAD}x509: ${'['.repeat(100_000)}`,
      'yaml: line 3: exceeded max depth of 100',
    ],
    ['braces without end', `- ${'{'.repeat(100_000)}`, 'yaml: exceeded max depth of 100'],
    ['entries in entries without end', '- '.repeat(100_000), 'yaml: exceeded max depth of 100'],
    ['keys in keys without end', '? '.repeat(100_000), 'yaml: exceeded max depth of 100'],
    [
      'JSON braces without end',
      '{"a":'.repeat(100_000),
      "couldn't get version/kind; json parse error: exceeded max depth",
    ],
    ['a list as a key', `${HEAD}? [a]\n: b\n`, 'yaml: invalid map key: []interface {}{"a"}'],
    ['null as a key', `${HEAD}~: b\n`, 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "b"'],
    ['a number as a key', `${HEAD}5: b\n`, 'strict decoding error: unknown field "5"'],
    [
      'a number beyond all bounds',
      `${HEAD}x509: ${'9'.repeat(100_000)}\n`,
      // Not even a float holds it, so it is a string.
      'json: cannot unmarshal string into Go struct field AuthenticationConfiguration.x509 of type []v1.X509AuthConfig',
    ],
    [
      'a BOM in the middle',
      `apiVersion: v1\n\ufeffkind: X\n`,
      "Object 'Kind' is missing in 'apiVersion: v1\n\ufeffkind: X\n'",
    ],
    [
      'a JSON key that is set twice',
      `${HEAD}x509: [{"issuer": {}, "issuer": {}}]\n`,
      'strict decoding error: yaml: unmarshal errors:\n  line 3: key "issuer" already set in map',
    ],
  ])('%s', (_name, text, error) => {
    expect(loadConfig(text)).toMatchObject({ kind: 'invalid', error });
  });

  it('a file of more than 2 MiB, unread', () => {
    const text = HEAD + '#'.repeat(2 * 1024 * 1024);
    const result = loadConfig(text);
    const message = `the file has ${text.length} characters; at most ${2 * 1024 * 1024} are read`;
    expect(result).toMatchObject({ kind: 'invalid', issues: [{ id: 'decode/too-large', message }] });
  });

  it.each([
    ['unknown fields', Array.from({ length: 5000 }, (_, index) => `field${index}: 1\n`).join('')],
    ['wrong types', `x509: [${'1,'.repeat(5000)}]\n`],
  ])('with no endless list of %s', (_name, lines) => {
    const result = loadConfig(HEAD + lines);
    expect(result.kind === 'invalid' && result.issues).toHaveLength(100);
  });
});

describe('odd input is read', () => {
  it.each([
    ['a byte order mark', `\ufeff${HEAD}x509: []\n`],
    ['carriage returns and line feeds', `${HEAD}x509:\n- issuer:\n    name: a\n`.replaceAll('\n', '\r\n')],
    [
      'a byte order mark before JSON',
      '\ufeff{"apiVersion":"apiserver.config.k8s.io/v1","kind":"AuthenticationConfiguration"}',
    ],
    ['aliases in moderation', `${HEAD}x509:\n- issuer: &i {name: a}\n- issuer: *i\n`],
    [
      'a merge key that overrides nothing',
      `${HEAD}x509:\n- &e\n  issuer: {name: a}\n- {<<: *e, evaluationFailurePolicy: Closed}\n`,
    ],
    ['no line break at the end', `${HEAD}x509: []`],
    ['a document start', `---\n${HEAD}x509: []\n`],
  ])('%s', (_name, text) => {
    expect(loadConfig(text)).toMatchObject({ kind: 'config', warnings: [] });
  });
});

const SNIPPETS: readonly string[] =
  '- |issuer|: |\n|  |\t|{|}|[|]|,|"|\'|>\n|&a |*a|!!str |!|%|#|? |<<: |---\n|...\n|\\|name|5|~|é|😀|\u2028|\r|\0|\ud800|"kind"|true'
    .split('|')
    .concat('|\n');

describe('no text makes the reader throw or point outside the file', () => {
  const pieces = fc.constantFrom(
    'apiVersion: apiserver.config.k8s.io/v1\n',
    'kind: AuthenticationConfiguration\n',
    'x509:\n',
    ...SNIPPETS,
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.array(pieces, { maxLength: 40 }).map((parts) => `{${parts.join('')}`),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  it('whatever it is made of', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const result = loadConfig(text);
        const issues = result.kind === 'invalid' ? result.issues : result.warnings;
        expect(result.kind === 'config' || issues.length > 0).toBe(true);
        const lines = text.split(/\r\n|\n|\r/);
        for (const { line, column, endLine, endColumn } of issues) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 2);
          expect(endLine * 1e6 + endColumn).toBeGreaterThanOrEqual(line * 1e6 + column);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
