import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addFingerprint, EMPTY_LIST } from '../../src/config/edit-revocation-list.ts';
import { readPlainList } from '../../src/config/read-plain-list.ts';
import { readYaml } from '../../src/config/yaml/read-yaml.ts';
import { toPlain } from './plain.ts';

const SHA256 = '0a'.repeat(32);
const HEAD = 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n';

/** What YAML makes of a text, where it makes anything of it without a fault. */
function byYaml(text: string): unknown {
  const read = readYaml(text);
  if (!read.ok || read.duplicates.length > 0 || read.further !== undefined) return undefined;
  return toPlain(read.root);
}

describe('a plain list', () => {
  const understood: [string, string][] = [
    ['as revoke writes it', written()],
    [
      'an item on each line',
      `serials:\n- {serial: 0a1b2c, issuerName: my-ca, reason: laptop lost}   # hers\n`,
    ],
    [
      'indented, with comments and empty lines',
      `fingerprints:\n\n  # a\n  - sha256: ${SHA256}\n\n  #b\n    reason: 'x # y'\n`,
    ],
    [
      'several lists, one empty',
      `publicKeys: []\nfingerprints:\n- sha256: "${SHA256}"\nserials:\n- serial: "1"\n  issuerName: ca\n`,
    ],
    ['not ended by a line break', `fingerprints:\n- {"sha256": "x"}`.replaceAll('"sha256"', 'sha256')],
    [
      'words of other languages, in quotes',
      `fingerprints:\n- sha256: "x"\n  reason: "Laptop verloren – für immer"\n`,
    ],
  ];
  it.each(understood)('is read as YAML reads it: %s', (_, body) => {
    const text = body.startsWith('apiVersion') ? body : HEAD + body;
    const root = readPlainList(text);
    expect(root && toPlain(root)).toEqual(byYaml(text));
    expect(root).toBeDefined();
  });

  const left: [string, string][] = [
    ['a number', 'serials:\n- {serial: 12, issuerName: ca}\n'],
    ['a number with an exponent', 'serials:\n- {serial: 1e5, issuerName: ca}\n'],
    ['a boolean', 'fingerprints:\n- {sha256: x, reason: no}\n'],
    ['an escape', 'fingerprints:\n- {sha256: "\\x30"}\n'],
    ['an anchor', 'fingerprints:\n- &a {sha256: x}\n- *a\n'],
    ['a key twice', 'fingerprints:\n- {sha256: x, sha256: y}\n'],
    ['a list twice', 'fingerprints:\n- {sha256: x}\nfingerprints:\n- {sha256: y}\n'],
    ['a field that is none', 'fingerprints:\n- {sha265: x}\n'],
    ['a second document', 'fingerprints:\n- {sha256: x}\n---\n'],
    ['a field that belongs to nothing', 'fingerprints:\n- {sha256: x}\n  reason: y\n'],
    ['another indentation', 'fingerprints:\n- sha256: x\n - sha256: y\n'],
    ['a scalar over two lines', 'fingerprints:\n- sha256: x\n  reason: a\n    b\n'],
    ['a quote over two lines', 'fingerprints:\n- sha256: "x\n- sha256: y"\n'],
    ['a tab', 'fingerprints:\n- sha256: x\t\n'],
    ['a carriage return', 'fingerprints:\r\n- sha256: x\r\n'],
    ['a line separator', 'fingerprints: # \u2028- sha256: x\n'],
    ['JSON', '{"fingerprints": []}'],
    ['a byte order mark', '\ufeffkind: RevocationList\n'],
  ];
  it.each(left)('is left to YAML where it has %s', (_, body) => {
    expect(readPlainList(body)).toBeUndefined();
  });

  it('is never read otherwise than YAML reads it', () => {
    const value = fc.constantFrom(
      'x',
      '"x"',
      "'x'",
      '""',
      '0a1b',
      '12',
      '1e5',
      'no',
      '[]',
      'a b',
      'a  b',
      '"a: b"',
      'a: b',
      'a #b',
      'a#b',
      '- x',
      '{}',
      '*a',
      '"\\n"',
      "'it''s'",
      '',
    );
    const key = fc.constantFrom(
      'sha256',
      'reason',
      'serial',
      'fingerprints',
      'serials',
      'kind',
      '"kind"',
      'kinds',
    );
    const pair = fc
      .tuple(key, fc.constantFrom(': ', ':', ':  ', ' : '), value)
      .map((parts) => parts.join(''));
    const space = fc.constantFrom('', '', ' ', '  ', '   ', '    ');
    const end = fc.constantFrom('', '', '', ' ', ' # c', '#c', '\t', ' }', ' ---');
    const braces = fc
      .array(pair, { maxLength: 3 })
      .chain((pairs) =>
        fc.constantFrom(
          `{${pairs.join(', ')}}`,
          `{${pairs.join(',')}}`,
          `{ ${pairs.join(', ')} }`,
          `{${pairs.join(', ')},}`,
          `[${pairs.join(', ')}]`,
        ),
      );
    const line = fc
      .tuple(
        space,
        fc.constantFrom('', '', '- ', '-', '-  ', '# ', '- - '),
        fc.oneof(
          pair,
          pair,
          pair,
          braces,
          key.map((name) => `${name}:`),
          fc.constantFrom('', '---', '...', '%YAML 1.1'),
        ),
        end,
      )
      .map((parts) => parts.join(''));
    const lists = fc.tuple(
      fc.constantFrom('', HEAD, 'fingerprints:\n', `${HEAD}serials:\n`),
      fc.array(line, { maxLength: 6 }),
      fc.constantFrom('', '\n'),
    );
    let read = 0;
    fc.assert(
      fc.property(lists, ([head, lines, last]) => {
        const text = head + lines.join('\n') + last;
        const root = readPlainList(text);
        if (root === undefined) return;
        read += 1;
        expect(toPlain(root)).toEqual(byYaml(text));
      }),
      { numRuns: 10_000 },
    );
    expect(read).toBeGreaterThan(100);
  });
});

function written(): string {
  const item = { sha256: SHA256, reason: 'laptop lost', comment: '"alice"' };
  return addFingerprint(EMPTY_LIST, item) ?? '';
}
