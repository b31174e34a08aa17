import { beforeAll, describe, expect, it } from 'vitest';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { decide } from '../../src/authenticator/decide.ts';
import { describe as describeReason } from '../../src/authenticator/reason.ts';
import { buildCertificateRevocationList } from '../../src/x509/build.ts';
import { toPem } from '../../src/x509/pem.ts';
import { compileText, type Files } from '../authenticators.ts';
import { DAY, type Identity, mintAuthority, mintClient, mintIntermediate, NOW } from '../pki.ts';

let ca: Identity;
let other: Identity;
let alice: Identity;
let bob: Identity;

beforeAll(async () => {
  ca = await mintAuthority('my-ca');
  other = await mintAuthority('my-ca');
  alice = await mintClient(ca);
  bob = await mintClient(ca, { subject: [{ CN: 'bob' }] });
});

const list = (items: string): string =>
  `apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n${items}`;

async function crlOf(
  issuer: Identity,
  revoked: readonly Identity[],
  times: { nextUpdate?: number; number?: bigint } = {},
): Promise<string> {
  const entries = revoked.map(({ certificate }) => ({
    serialNumber: certificate.serialNumber,
    revocationDate: NOW - DAY,
  }));
  const crl = {
    issuer: { certificate: issuer.der, key: issuer.key },
    thisUpdate: NOW - DAY,
    nextUpdate: NOW + DAY,
    number: 1n,
    ...times,
    entries,
  };
  return toPem(await buildCertificateRevocationList(crl), 'X509 CRL');
}

function compileWith(revocation: string, files: Files, revocationFiles: readonly string[] = []) {
  const text = `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n- issuer: {name: my-ca}\n${revocation}`;
  return compileText(text, {
    files: { 'ca.pem': ca.pem, ...files },
    certificateAuthorityFile: 'ca.pem',
    revocationFiles,
  });
}

function outcomeOf(
  authenticator: Authenticator | undefined,
  chain: readonly [Identity, ...Identity[]],
  at = NOW,
): string {
  const [leaf, ...rest] = chain.map(({ certificate }) => certificate);
  const decision = decide(authenticator!, { chain: [leaf!, ...rest], possession: { kind: 'assumed' }, at });
  return decision.outcome === 'authenticated'
    ? decision.user.username
    : `${decision.reason.code}: ${describeReason(decision.reason)}`;
}

describe('a revoked certificate is denied, and another of the same CA is not', () => {
  const REVOKED = 'revocation/revoked: the certificate is revoked: laptop lost';
  it.each<[string, () => string]>([
    [
      'by serial and issuer name',
      () =>
        `serials: [{serial: ${alice.certificate.serialNumber.toString(16)}, issuerName: my-ca, reason: laptop lost}]`,
    ],
    [
      'by a serial in upper case',
      () =>
        `serials: [{serial: "${alice.certificate.serialNumber.toString(16).toUpperCase()}", issuerName: my-ca, reason: laptop lost}]`,
    ],
    [
      'by serial and issuer key id',
      () =>
        `serials: [{serial: "${alice.certificate.serialNumber.toString(16)}", issuerKeyId: ${ca.certificate.subjectKeyId.toString('hex')}, reason: laptop lost}]`,
    ],
    [
      'by fingerprint',
      () => `fingerprints: [{sha256: ${alice.certificate.fingerprint}, reason: laptop lost}]`,
    ],
  ])('%s', (_, items) => {
    const { authenticator } = compileWith('  revocation: {files: [r.yaml]}\n', { 'r.yaml': list(items()) });
    expect(outcomeOf(authenticator, [alice])).toBe(REVOKED);
    expect(outcomeOf(authenticator, [bob])).toBe('bob');
  });
  it('by the CRL of the anchor', async () => {
    const { authenticator } = compileWith('  revocation: {files: [r.crl]}\n', {
      'r.crl': await crlOf(ca, [alice]),
    });
    expect(outcomeOf(authenticator, [alice])).toMatch(/^revocation\/revoked/);
    expect(outcomeOf(authenticator, [bob])).toBe('bob');
  });
  it('by a file that holds for every entry', () => {
    const items = `fingerprints: [{sha256: ${alice.certificate.fingerprint}}]`;
    const { authenticator } = compileWith('', { 'r.yaml': list(items) }, ['r.yaml']);
    expect(outcomeOf(authenticator, [alice])).toBe('revocation/revoked: the certificate is revoked');
    expect(outcomeOf(authenticator, [bob])).toBe('bob');
  });
  it('before any rule, with a step that says so', () => {
    const items = `fingerprints: [{sha256: ${alice.certificate.fingerprint}}]`;
    const { authenticator } = compileWith(
      "  revocation: {files: [r.yaml]}\n  userValidationRules: [{expression: 'true'}]\n",
      { 'r.yaml': list(items) },
    );
    const decision = decide(authenticator!, {
      chain: [alice.certificate],
      possession: { kind: 'assumed' },
      at: NOW,
    });
    expect(decision.steps).toEqual([{ stage: 'revocation', result: false }]);
  });
});

describe('a path is denied', () => {
  it('where its intermediate is revoked, unless another path stands', async () => {
    const twin = await mintAuthority('other-root');
    const sub = await mintIntermediate(ca, 'sub');
    const carol = await mintClient(sub, { subject: [{ CN: 'carol' }] });
    const { buildCertificate } = await import('../../src/x509/build.ts');
    const { parseCertificate } = await import('../../src/x509/parse-certificate.ts');
    const { createPublicKey } = await import('node:crypto');
    const crossDer = await buildCertificate({
      subject: [{ CN: 'sub' }],
      publicKey: createPublicKey(sub.key),
      issuer: { certificate: twin.der, key: twin.key },
      isCA: true,
      notBefore: NOW - DAY,
      notAfter: NOW + DAY,
    });
    const parsed = parseCertificate(crossDer);
    if (!parsed.ok) throw new Error(parsed.error);
    const cross = { ...sub, certificate: parsed.certificate };
    const files = {
      'r.yaml': list(`fingerprints: [{sha256: ${sub.certificate.fingerprint}}]`),
      'both.pem': ca.pem + twin.pem,
    };
    const text =
      'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n- issuer: {name: sub, certificateAuthorityFile: both.pem}\n  revocation: {files: [r.yaml]}\n';
    const { authenticator } = compileText(text, { files });
    expect(outcomeOf(authenticator, [carol, sub])).toBe(
      'revocation/revoked: an authority of the certificate is revoked',
    );
    expect(outcomeOf(authenticator, [carol, sub, cross])).toBe('carol');
  });
  it('where the CRL is past its nextUpdate, unless onStale is Allow', async () => {
    const files = { 'r.crl': await crlOf(ca, [], { nextUpdate: NOW - 1000 }) };
    expect(outcomeOf(compileWith('  revocation: {files: [r.crl]}\n', files).authenticator, [alice])).toMatch(
      /^revocation\/stale: the CRL of issuer "my-ca" was to be replaced by /,
    );
    expect(
      outcomeOf(compileWith('  revocation: {files: [r.crl], onStale: Allow}\n', files).authenticator, [
        alice,
      ]),
    ).toBe('alice');
  });
});

describe('a revocation file that cannot be used is an error of the configuration', () => {
  it.each<[string, () => Promise<Files> | Files, string]>([
    [
      'missing',
      () => ({}),
      'x509[0].revocation.files[0].file: Invalid value: "r": ENOENT: no such file or directory, open \'r\'',
    ],
    [
      'another kind',
      () => ({ r: 'apiVersion: v1\nkind: ConfigMap\n' }),
      'x509[0].revocation.files[0].file: Invalid value: "r": ',
    ],
    ['a list with an unknown field', () => ({ r: list('serial: []') }), 'unknown field "serial"'],
    [
      'the CRL of a stranger of the same name',
      async () => ({ r: await crlOf(other, [alice]) }),
      'x509[0].revocation.files[0].file: Invalid value: "r": ',
    ],
  ])('%s', async (_, files, message) => {
    const { errors } = compileWith('  revocation: {files: [r]}\n', await files());
    expect(errors.map((error) => error.message).join('\n')).toContain(message);
  });
  it('unless its issuer is named beside it', async () => {
    const revocation = '  revocation: {files: [{file: r, issuerFile: other.pem}]}\n';
    const { errors } = compileWith(revocation, { r: await crlOf(other, [alice]), 'other.pem': other.pem });
    expect(errors).toEqual([]);
  });
});
