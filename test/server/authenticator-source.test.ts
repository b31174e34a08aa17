import { beforeAll, describe, expect, it } from 'vitest';
import type { Authenticator } from '../../src/authenticator/authenticator.ts';
import { authenticatorSource } from '../../src/server/authenticator-source.ts';
import type { FileSource, Loaded } from '../../src/server/file-source.ts';
import { buildCertificateRevocationList } from '../../src/x509/build.ts';
import { toPem } from '../../src/x509/pem.ts';
import { DAY, mintAuthority, NOW } from '../pki.ts';

let pem: string;

beforeAll(async () => {
  ({ pem } = await mintAuthority('my-ca'));
});

const HEAD = 'apiVersion: apiserver.config.k8s.io/v1beta1\nkind: AuthenticationConfiguration\n';
const ENTRY = 'x509:\n- issuer: {name: my-ca}\n';

/** Loads a source from files that are texts; gives what it loaded, or the problem, and which files it read. */
function load(
  source: FileSource<Authenticator>,
  files: Readonly<Record<string, string>>,
): { readonly loaded: Loaded<Authenticator>; readonly read: string[] } {
  const read: string[] = [];
  const loaded = source.load((path) => {
    read.push(path);
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return Buffer.from(text);
  });
  return { loaded, read };
}

const open = (): FileSource<Authenticator> =>
  authenticatorSource({
    config: 'authn.yaml',
    certificateAuthorityFile: 'ca.pem',
    revocationFiles: ['revoked.yaml'],
  });
const revoked = 'apiVersion: kube-x509-authn.dev/v1alpha1\nkind: RevocationList\n';

describe('an authenticator', () => {
  it('is made from every file that flags and the configuration name', () => {
    const files = {
      'authn.yaml': `${HEAD}${ENTRY}- issuer: {name: other, certificateAuthorityFile: other.pem}\n`,
      'ca.pem': pem,
      'other.pem': pem,
      'revoked.yaml': revoked,
    };
    const { loaded, read } = load(open(), files);
    expect(loaded).toMatchObject({ kind: 'loaded', warnings: [] });
    expect(read[0]).toBe('authn.yaml');
    expect(new Set(read)).toEqual(new Set(Object.keys(files)));
  });

  it.each([
    ['what is no YAML', { 'authn.yaml': '{' }, /^authn\.yaml has 1 error\nauthn\.yaml:\d+:\d+: /],
    [
      'every error at once',
      {
        'authn.yaml': `${HEAD}x509:\n- issuer: {name: my-ca}\n  userValidationRules:\n  - {expression: 'nonsense'}\n  - {expression: '1'}\n`,
      },
      /^authn\.yaml has 2 errors\nauthn\.yaml:6:[^]*\nauthn\.yaml:7:/,
    ],
    ['bad bytes', { 'authn.yaml': 'CAFE' }, /^authn\.yaml: yaml: /],
    ['anchors that cannot be read', { 'ca.pem': undefined }, /ca\.pem": ENOENT/],
    ['a bad revocation list', { 'revoked.yaml': 'x' }, /revoked\.yaml/],
  ])('is not made from %s', (_, spoilt, problem) => {
    const files: Record<string, string | undefined> = {
      'authn.yaml': HEAD + ENTRY,
      'ca.pem': pem,
      'revoked.yaml': revoked,
      ...(spoilt as Record<string, string>),
    };
    const source = open();
    const loaded = source.load((path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
      return text === 'CAFE' ? Buffer.from('cafe', 'hex') : Buffer.from(text);
    });
    expect(loaded).toEqual({ kind: 'invalid', problem: expect.stringMatching(problem) });
  });

  it('keeps the anonymous of the start, as kube-apiserver does', () => {
    const source = open();
    const files = { 'ca.pem': pem, 'revoked.yaml': revoked };
    const withAnonymous = (anonymous: string): Record<string, string> => ({
      ...files,
      'authn.yaml': `${HEAD}${anonymous}${ENTRY}`,
    });
    expect(load(source, withAnonymous('anonymous: {enabled: true}\n')).loaded.kind).toBe('loaded');
    expect(load(source, withAnonymous('anonymous: {enabled: true}\n# more\n')).loaded.kind).toBe('loaded');
    for (const anonymous of ['anonymous: {enabled: false}\n', '']) {
      expect(load(source, withAnonymous(anonymous)).loaded).toEqual({
        kind: 'invalid',
        problem: 'authn.yaml: anonymous: Forbidden: changed from initial configuration file',
      });
    }
  });

  it('comes with the warnings of its configuration', () => {
    const config = `${HEAD}${ENTRY}  requestValidationRules:\n  - {expression: 'request.remoteaddr == "x"'}\n`;
    const { loaded } = load(open(), { 'authn.yaml': config, 'ca.pem': pem, 'revoked.yaml': revoked });
    expect(loaded).toMatchObject({
      warnings: [expect.stringMatching(/^authn\.yaml:6:\d+: .*request\.remoteaddr/)],
    });
  });
});

describe('a CRL', () => {
  it('that is older than the one in force is refused, and one that is newer is not', async () => {
    const ca = await mintAuthority('my-ca');
    const crlOf = async (number: bigint): Promise<string> => {
      const issuer = { certificate: ca.der, key: ca.key };
      const times = { thisUpdate: NOW - DAY, nextUpdate: NOW + DAY };
      return toPem(
        await buildCertificateRevocationList({ issuer, ...times, number, entries: [] }),
        'X509 CRL',
      );
    };
    const source = open();
    const files = { 'authn.yaml': `${HEAD}${ENTRY}`, 'ca.pem': ca.pem };
    expect(load(source, { ...files, 'revoked.yaml': await crlOf(2n) }).loaded.kind).toBe('loaded');
    expect(load(source, { ...files, 'revoked.yaml': await crlOf(1n) }).loaded).toEqual({
      kind: 'invalid',
      problem:
        'authn.yaml: a CRL is older than the one in force: its CRL number 1 is lower than 2, the number of the CRL in force',
    });
    expect(load(source, { ...files, 'revoked.yaml': await crlOf(3n) }).loaded.kind).toBe('loaded');
  });
});
