import { beforeAll, describe, expect, it } from 'vitest';
import { parseBundleFile } from '../../src/authenticator/bundle-file.ts';
import { compileText } from '../authenticators.ts';
import { type Identity, mintAuthority } from '../pki.ts';

const TWO =
  'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\nx509:\n- issuer: {name: my-ca}\n- issuer: {name: b}\n';

let ca: Identity;
beforeAll(async () => {
  ca = await mintAuthority('my-ca');
});

describe('a file of anchors that is something else', () => {
  it.each<[string, () => Buffer, string]>([
    ['nothing', () => Buffer.alloc(0), ' (the file is empty)'],
    ['DER', () => Buffer.from(ca.der), ' (the file is DER: it has to be PEM)'],
    ['UTF-16', () => Buffer.from(`\ufeff${ca.pem}`, 'utf16le'), ' (the file is UTF-16: it has to be UTF-8)'],
    [
      'one certificate behind a byte order mark',
      () => Buffer.from(`\ufeff${ca.pem}`),
      ' (the file begins with a byte order mark, which hides its first line)',
    ],
    ['a key', () => Buffer.from(ca.keyPem), ' (the file holds a private key, and no certificate)'],
    ['a word', () => Buffer.from('x'), ''],
  ])('says so of %s', (_, bytes, hint) => {
    expect(parseBundleFile(bytes())).toEqual({
      ok: false,
      error: `data does not contain any valid RSA or ECDSA certificates${hint}`,
    });
  });
});

describe('the anchors of entries without their own', () => {
  it.each<[string, string | undefined, readonly string[]]>([
    [
      'are required, of each entry',
      undefined,
      ['x509[0].issuer', 'x509[1].issuer'].map(
        (path) =>
          `${path}: Required value: certificateAuthority or certificateAuthorityFile is required, since there is no --certificate-authority-file`,
      ),
    ],
    [
      'are an invalid value of the flag, once, where the file is not there',
      'gone.pem',
      [
        `--certificate-authority-file: Invalid value: "gone.pem": ENOENT: no such file or directory, open 'gone.pem'`,
      ],
    ],
    [
      'and where it holds no certificate',
      'empty.pem',
      [
        '--certificate-authority-file: Invalid value: "empty.pem": data does not contain any valid RSA or ECDSA certificates (the file is empty)',
      ],
    ],
  ])('%s', (_, certificateAuthorityFile, messages) => {
    const { errors } = compileText(TWO, {
      files: { 'empty.pem': '' },
      ...(certificateAuthorityFile !== undefined && { certificateAuthorityFile }),
    });
    expect(errors.map(({ message }) => message)).toEqual(messages);
  });

  it('are not looked for where every entry has its own', () => {
    const own = TWO.replaceAll(/name: \S+\}/g, 'certificateAuthorityFile: ca.pem}').replace(/- .*\n$/, '');
    const inputs = { files: { 'ca.pem': ca.pem }, certificateAuthorityFile: 'gone.pem' };
    expect(compileText(own, inputs)).toMatchObject({ errors: [], warnings: [] });
  });
});
