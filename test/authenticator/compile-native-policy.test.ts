import { beforeAll, describe, expect, it } from 'vitest';
import { compilePolicy, policyOf, revocationListOf } from '../native-policies.ts';
import { type Identity, mintAuthority, mintClient } from '../pki.ts';

let ca: Identity;
let alice: Identity;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  alice = await mintClient(ca);
});

function errorsOf(fields: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  return compilePolicy(fields, files).errors.map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
}

describe('a policy that cannot be compiled says why, where', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'an expression that does not compile',
      `userValidationRules: [{expression: 'user.name == ""'}]\n`,
      [
        `3:41 userValidationRules[0].expression: Invalid value: "user.name == \\"\\"": compilation failed: ERROR: <input>:1:5: undefined field 'name'\n | user.name == ""\n | ....^`,
      ],
    ],
    [
      'a user rule about the certificate',
      `userValidationRules: [{expression: 'cert.fingerprint == ""'}]\n`,
      [
        `3:37 userValidationRules[0].expression: Invalid value: "cert.fingerprint == \\"\\"": compilation failed: ERROR: <input>:1:1: undeclared reference to 'cert' (in container '')\n | cert.fingerprint == ""\n | ^`,
      ],
    ],
    [
      'a rule that is no bool',
      `certificates: [inventory/]\ncertificateValidationRules: [{expression: 'cert.serialNumber'}]\n`,
      [
        '4:43 certificateValidationRules[0].expression: Invalid value: "cert.serialNumber": must evaluate to bool',
      ],
    ],
    [
      'a rule without an expression',
      'userValidationRules: [{message: x}]\n',
      ['3:23 userValidationRules[0].expression: Required value'],
    ],
    [
      'a message of two lines',
      'userValidationRules: [{expression: "true", message: "a\\nb"}]\n',
      [
        '3:53 userValidationRules[0].message: Invalid value: "a\\nb": must be one line without control characters',
      ],
    ],
    [
      'policies that there are not',
      'unknownCertificates: Warn\nevaluationFailurePolicy: open\nrevocation: {onStale: Maybe}\n',
      [
        '5:23 revocation.onStale: Unsupported value: "Maybe": supported values: "Allow", "Deny"',
        '3:22 unknownCertificates: Unsupported value: "Warn": supported values: "Allow", "Deny"',
        '4:26 evaluationFailurePolicy: Unsupported value: "open": supported values: "Closed", "Open"',
      ],
    ],
    [
      'rules on certificates without an inventory',
      'certificateValidationRules: [{expression: "true"}]\n',
      [
        '1:1 certificates: Required value: certificateValidationRules judge the certificates of the inventory alone',
      ],
    ],
    [
      'to deny unknown certificates where all are unknown',
      'unknownCertificates: Deny\n',
      [
        '3:22 unknownCertificates: Invalid value: "Deny": needs certificates: without an inventory every certificate is unknown',
      ],
    ],
    [
      'the same with an inventory of nothing',
      'unknownCertificates: Deny\ncertificates: [nowhere/]\n',
      [
        '4:15 certificates: Invalid value: "nowhere/": has no certificate in it: with unknownCertificates: Deny every certificate would be refused',
      ],
    ],
    [
      'files that are not there',
      'revocation: {files: [missing.yaml]}\ncertificates: [missing.pem]\n',
      [
        `3:22 revocation.files[0].file: Invalid value: "missing.yaml": ENOENT: no such file or directory, open 'missing.yaml'`,
        `4:16 certificates[0]: Invalid value: "missing.pem": ENOENT: no such file or directory, open 'missing.pem'`,
      ],
    ],
    ['an empty path', 'certificates: [""]\n', ['3:16 certificates[0]: Required value']],
  ])('%s', (_, fields, expected) => {
    expect(errorsOf(fields, { 'inventory/a.pem': alice.pem })).toEqual(expected);
  });

  it('a list of revocations that is none, with the places in the list', () => {
    const [error = ''] = errorsOf('revocation: {files: [r]}\n', { r: revocationListOf('fingerprint: []\n') });
    expect(error).toContain('3:22 revocation.files[0].file: Invalid value: "r": 3:1: ');
    expect(error).toContain('unknown field "fingerprint"');
  });
  it('a CRL whose issuer is not known', () => {
    const fields = 'revocation: {files: [{file: r, issuerFile: i}]}\n';
    expect(
      errorsOf(fields, { r: '-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n', i: 'x' }),
    ).toEqual([
      '3:44 revocation.files[0].issuerFile: Invalid value: "i": data does not contain any valid RSA or ECDSA certificates',
    ]);
  });
});

describe('the inventory', () => {
  it('is every certificate of the files, each once', () => {
    const files = {
      'inventory/chain.pem': alice.pem + ca.pem,
      'inventory/again.crt': alice.pem,
      'one.pem': ca.pem,
    };
    const { inventory } = policyOf('certificates: [inventory/, one.pem]\n', files);
    expect(inventory.certificates.map(({ fingerprint }) => fingerprint).toSorted()).toEqual(
      [alice, ca].map(({ certificate }) => certificate.fingerprint).toSorted(),
    );
  });
  it('passes over a bad file that was found, with a warning, so that it holds up no revocation', () => {
    const { policy, warnings } = compilePolicy('certificates: [inventory/]\n', {
      'inventory/a.pem': alice.pem,
      'inventory/b.pem': 'x',
    });
    expect(policy?.inventory.certificates).toHaveLength(1);
    expect(warnings).toMatchObject([
      {
        id: 'inventory/incomplete',
        severity: 'warning',
        line: 3,
        column: 16,
        message: expect.stringContaining('inventory/b.pem is passed over'),
      },
    ]);
  });
  it('warns of a path that stands for nothing', () => {
    expect(compilePolicy('certificates: [nowhere/]\n').warnings.map(({ message }) => message)).toEqual([
      'certificates[0]: no file is found there',
    ]);
  });
  it.each([
    ['a serial number', 'serials: [{serial: "0a", issuerName: my-ca}]\n', true],
    ['a key', `publicKeys: [{sha256: "${'a'.repeat(64)}"}]\n`, true],
    ['a fingerprint', `fingerprints: [{sha256: "${'a'.repeat(64)}"}]\n`, false],
  ])('is missed by %s that is revoked without one', (_, items, isMissed) => {
    const { warnings } = compilePolicy('revocation: {files: [r]}\n', { r: revocationListOf(items) });
    const expected =
      'revocation.files: serial numbers, public keys and CRLs revoke the certificates of the inventory alone, and there is none';
    expect(warnings.map(({ message }) => message)).toEqual(isMissed ? [expected] : []);
  });
  it('refuses a bad file that was named', () => {
    expect(errorsOf('certificates: [b.pem]\n', { 'b.pem': 'x' })).toEqual([
      '3:16 certificates[0]: Invalid value: "b.pem": data does not contain any valid RSA or ECDSA certificates',
    ]);
  });
});

it('an issuer that is named for a RevocationList has no effect, and is warned of', () => {
  const files = { r: revocationListOf('serials: []\n'), i: ca.pem };
  expect(compilePolicy('revocation: {files: [{file: r, issuerFile: i}]}\n', files).warnings).toMatchObject([
    {
      id: 'entry/idle-field',
      path: 'revocation.files[0].issuerFile',
      message:
        'revocation.files[0].issuerFile: has no effect: the file is a RevocationList, whose items name their issuers themselves; it is for a CRL',
    },
  ]);
});

it('a compiled policy is frozen', () => {
  const policy = policyOf('userValidationRules: [{expression: "true"}]\n');
  expect([Object.isFrozen(policy), Object.isFrozen(policy.userRules[0])]).toEqual([true, true]);
});
