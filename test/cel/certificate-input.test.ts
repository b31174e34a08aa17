import { beforeAll, describe, expect, it } from 'vitest';
import { toCertInput } from '../../src/cel/certificate-input.ts';
import { compileExpression } from '../../src/cel/compile.ts';
import { environments } from '../../src/cel/environment.ts';
import { type Identity, mintAuthority, mintClient, NOW } from '../pki.ts';

const HOUR = 3600 * 1000;

function ask(certificate: Identity['certificate'], expression: string): unknown {
  const compilation = compileExpression(expression, environments.cert, 'any');
  if (!compilation.ok) return compilation.error;
  const evaluation = compilation.program.evaluate(toCertInput(certificate));
  return evaluation.kind === 'value' ? evaluation.value : evaluation.kind;
}

describe('cert', () => {
  let full: Identity['certificate'];
  let bare: Identity['certificate'];

  beforeAll(async () => {
    const authority = await mintAuthority('root');
    const client = await mintClient(authority, {
      subject: [
        { CN: 'first' },
        { O: 'dev' },
        { OU: 'unit' },
        { O: 'ops' },
        { C: 'DE' },
        { L: 'Ulm' },
        { ST: 'BW' },
        { CN: 'last' },
      ],
      notBefore: NOW - HOUR,
      notAfter: NOW + HOUR,
      dnsSANs: ['a.example'],
      uriSANs: ['spiffe://x.example/ns/a/sa/b'],
      emailSANs: ['a@b.example'],
      ipSANs: ['10.0.0.1', '2001:db8::1'],
    });
    full = client.certificate;
    bare = (await mintClient(authority, { subject: [{ CN: '' }], extKeyUsages: [] })).certificate;
  });

  it.each<[string, unknown]>([
    ['cert.subject.commonName', 'last'],
    ['cert.subject.organization', ['dev', 'ops']],
    [
      'cert.subject.organizationalUnit + cert.subject.country + cert.subject.locality + cert.subject.province',
      ['unit', 'DE', 'Ulm', 'BW'],
    ],
    ['cert.issuer.commonName', 'root'],
    ['cert.notAfter - cert.notBefore == duration("2h")', true],
    ['cert.notAfter.getFullYear()', 2026n],
    [
      'cert.dnsSANs + cert.uriSANs + cert.emailSANs',
      ['a.example', 'spiffe://x.example/ns/a/sa/b', 'a@b.example'],
    ],
    ['cert.ipSANs', ['10.0.0.1', '2001:db8::1']],
    ['cert.ipSANs.all(a, isIP(a))', true],
    ['cert.extKeyUsages', ['clientAuth']],
    ['cert.publicKeyAlgorithm', 'ECDSA'],
    ['cert.fingerprint.matches("^[0-9a-f]{64}$") && cert.serialNumber.matches("^[0-9a-f]+$")', true],
    ['has(cert.dnsSANs) && has(cert.subject.country)', true],
  ])('%s', (expression, value) => {
    expect(ask(full, expression)).toEqual(value);
  });

  it('has everything when the certificate has little', () => {
    const empty = 'cert.dnsSANs == [] && cert.extKeyUsages == [] && cert.subject.organization == []';
    expect(ask(bare, `${empty} && cert.subject.commonName == ""`)).toBe(true);
  });

  it('has no field beyond those declared', () => {
    expect(ask(full, 'cert.subject.nosuch')).toMatch(/undefined field 'nosuch'/);
    expect(ask(full, 'user.username')).toMatch(/undeclared reference to 'user'/);
  });
});
