import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadRevocationList } from '../../src/config/load-revocation-list.ts';

const schema = new URL('../../schemas/revocation-list.schema.json', import.meta.url);
const validate = new Ajv({ strict: true }).compile(JSON.parse(readFileSync(schema, 'utf8')) as object);

const SHA256 = '0a'.repeat(32);
const ISSUER =
  'give issuerName or issuerKeyId, and not both: a serial number means one certificate of one issuer';

function listOf(body: string): string {
  return `apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n${body}`;
}

/** The list of a file, or its issues as `line:column message`. */
function load(text: string): unknown {
  const result = loadRevocationList(text);
  if (result.kind === 'list') return result.list;
  return result.issues.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const empty = { serials: [], fingerprints: [], publicKeys: [] };

describe('a RevocationList is read', () => {
  const files: [string, string, unknown][] = [
    ['of nothing', '', empty],
    ['of empty lists', 'serials: []\nfingerprints: []\n', empty],
    [
      'of serial numbers in any case and with leading zeros',
      'serials:\n- {serial: "000A1B", issuerName: my-ca, reason: laptop lost}\n- {serial: "00", issuerKeyId: C0FFEE}\n',
      {
        ...empty,
        serials: [
          { serial: 'a1b', issuerName: 'my-ca', reason: 'laptop lost' },
          { serial: '0', issuerKeyId: 'c0ffee', reason: '' },
        ],
      },
    ],
    [
      'of fingerprints and public keys',
      `fingerprints: [{sha256: "${SHA256.toUpperCase()}", reason: x}]\npublicKeys: [{sha256: ${SHA256}}]\n`,
      {
        ...empty,
        fingerprints: [{ sha256: SHA256, reason: 'x' }],
        publicKeys: [{ sha256: SHA256, reason: '' }],
      },
    ],
  ];
  it.each(files)('%s', (_, body, expected) => {
    expect(load(listOf(body))).toEqual(expected);
    expect(validate(parse(listOf(body)))).toBe(true);
  });

  it('of a list that is null', () => {
    expect(load(listOf('serials:\n'))).toEqual(empty);
  });

  it('from JSON', () => {
    const [apiVersion, kind] = ['kube-x509-authn.dev/v1alpha1', 'RevocationList'];
    const json = JSON.stringify({ apiVersion, kind, fingerprints: [{ sha256: SHA256 }] });
    expect(load(json)).toEqual({ ...empty, fingerprints: [{ sha256: SHA256, reason: '' }] });
  });

  it('of a hundred thousand items', () => {
    const item = (index: number): string => `- {serial: "${index.toString(16)}", issuerName: my-ca}\n`;
    const items = Array.from({ length: 100_000 }, (_, index) => item(index));
    const result = loadRevocationList(listOf(`serials:\n${items.join('')}`));
    expect(result.kind === 'list' && result.list.serials.length).toBe(100_000);
  });
});

describe('a RevocationList is refused', () => {
  const values: [string, string, string][] = [
    [
      'with a serial number that is none',
      'serials:\n- {serial: "12:34", issuerName: x}',
      '4:12 serials[0].serial: Invalid value: "12:34": must be hexadecimal digits without colons',
    ],
    [
      'with a serial number that is a number',
      'serials:\n- {serial: 1234, issuerName: x}',
      '4:12 serials[0].serial must be a string; quote it if it looks like a number or a boolean',
    ],
    [
      'with a serial number that is empty',
      'serials:\n- {serial: "", issuerName: x}',
      '4:12 serials[0].serial: Required value: must be hexadecimal digits without colons',
    ],
    [
      'without a serial number',
      'serials:\n- {issuerName: x}',
      '4:3 serials[0].serial: Required value: must be hexadecimal digits without colons',
    ],
    ['without an issuer', 'serials:\n- {serial: "1"}', `4:3 serials[0]: Invalid value: ${ISSUER}`],
    [
      'with two issuers',
      'serials:\n- {serial: "1", issuerName: x, issuerKeyId: "01"}',
      `4:3 serials[0]: Invalid value: ${ISSUER}`,
    ],
    [
      'with half an octet of a key identifier',
      'serials:\n- {serial: "1", issuerKeyId: "123"}',
      '4:30 serials[0].issuerKeyId: Invalid value: "123": must be octets in hexadecimal without colons',
    ],
    [
      'with a fingerprint of another length',
      'fingerprints:\n- {sha256: "0a0b"}',
      '4:12 fingerprints[0].sha256: Invalid value: "0a0b": must be 64 hexadecimal digits without colons',
    ],
    [
      'without a public key',
      'publicKeys:\n- {reason: x}',
      '4:3 publicKeys[0].sha256: Required value: must be 64 hexadecimal digits without colons',
    ],
    [
      'with a reason on two lines',
      `fingerprints:\n- {sha256: "${SHA256}", reason: "a\\nb"}`,
      '4:88 fingerprints[0].reason: Invalid value: "a\\nb": must be on one line',
    ],
    [
      'with a reason that nobody reads',
      `fingerprints:\n- {sha256: "${SHA256}", reason: "${'x'.repeat(1025)}"}`,
      '4:88 fingerprints[0].reason: Too long: may not be more than 1024 characters',
    ],
    ['with a field that is unknown', 'fingerprints: [{sha: x}]', '3:17 unknown field "fingerprints[0].sha"'],
    [
      'with a list that is unknown',
      'fingerprint: []',
      '3:1 unknown field "fingerprint" (did you mean "fingerprints"?)',
    ],
    ['with a list that is a map', 'serials: {serial: "1"}', '3:10 serials must be a list'],
  ];
  it.each(values)('%s', (_, body, expected) => {
    expect(load(listOf(body))).toEqual([expected]);
    expect(validate(parse(listOf(body)))).toBe(false);
  });

  const files: [string, string, string[]][] = [
    [
      'of nothing at all',
      '',
      [
        '1:1 apiVersion: Required value: must be "kube-x509-authn.dev/v1alpha1"',
        '1:1 kind: Required value: must be "RevocationList"',
      ],
    ],
    ['that is a list', '- x', ['1:1 the file must be a map of fields']],
    [
      'of another kind',
      'apiVersion: v1\nkind: RevocationLists\n',
      [
        '1:13 apiVersion: Unsupported value: "v1": supported values: "kube-x509-authn.dev/v1alpha1"',
        '2:7 kind: Unsupported value: "RevocationLists": supported values: "RevocationList"',
      ],
    ],
    [
      'with a field that comes twice',
      listOf('serials: []\nserials: []\n'),
      ['4:1 line 4: key "serials" already set in map'],
    ],
    [
      'with a second document, which would not be read',
      listOf(`---\n${listOf('')}`),
      ['3:1 a RevocationList is one document; give this one a file of its own'],
    ],
    ['that is no YAML', listOf('serials: [\n'), ['4:1 yaml: line 3: did not find expected node content']],
  ];
  it.each(files)('%s', (_, text, expected) => {
    expect(load(text)).toEqual(expected);
  });

  it('with more items than are read', () => {
    const items = Array.from({ length: 100_001 }, () => '{sha256: x}').join(', ');
    expect(load(listOf(`fingerprints: [${items}]`))).toEqual([
      '1:1 100001 items: must have at most 100000; give a CRL for more',
    ]);
  });

  it('with no more issues than anybody reads', () => {
    const items = '- {serial: x, issuerName: x}\n'.repeat(500);
    const result = loadRevocationList(listOf(`serials:\n${items}`));
    expect(result.kind === 'invalid' && result.issues.length).toBe(100);
  });

  it('with a path and a stable id', () => {
    const result = loadRevocationList(listOf('serials:\n- {serial: x, issuerName: x}\n'));
    const issue = { id: 'revocation/value', path: 'serials[0].serial', severity: 'error' };
    expect(result).toMatchObject({ issues: [{ ...issue, line: 4, column: 12, endLine: 4, endColumn: 13 }] });
  });
});
