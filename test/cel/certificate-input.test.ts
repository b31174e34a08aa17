import { describe, expect, it } from 'vitest';
import { toCertInput } from '../../src/cel/certificate-input.ts';
import { compileExpression } from '../../src/cel/compile.ts';
import { environments } from '../../src/cel/environment.ts';
import type { Certificate } from '../../src/x509/certificate.ts';
import { mintAuthority, mintClient } from '../pki.ts';

const ca = await mintAuthority('my-ca', { subject: [{ C: 'NL' }, { O: 'Example' }, { CN: 'my-ca' }] });
const { certificate: full } = await mintClient(ca, {
  subject: [
    { C: 'DE' },
    { ST: 'Bayern' },
    { L: 'Nürnberg' },
    { O: 'dev' },
    { O: 'ops' },
    { OU: 'platform' },
    { CN: 'first' },
    { CN: 'alice' },
  ],
  serialNumber: 0x0a_bc_de_f0n,
  notBefore: Date.parse('2026-06-15T00:00:00Z'),
  notAfter: Date.parse('2026-06-16T12:30:15Z'),
  dnsSANs: ['alice.example'],
  uriSANs: ['spiffe://cluster.local/ns/default/sa/%77eb', 'urn:uuid:0'],
  emailSANs: ['alice@example.org'],
  ipSANs: ['192.0.2.1', '2001:db8::1'],
  extKeyUsages: ['clientAuth', 'serverAuth', '1.3.6.1.4.1.57683.99'],
});
const { certificate: bare } = await mintClient(ca, { subject: [], extKeyUsages: [], keyKind: 'Ed25519' });

/** Whether an expression over the certificate is true; what went wrong, where it does not say. */
function holds(expression: string, certificate: Certificate): unknown {
  const compiled = compileExpression(expression, environments.cert, 'bool');
  if (!compiled.ok) return compiled.error;
  const evaluation = compiled.program.evaluate(toCertInput(certificate));
  return evaluation.kind === 'value' ? evaluation.value : evaluation;
}

describe('the variable cert', () => {
  it.each([
    'cert.subject.commonName == "alice"',
    'cert.subject.organization == ["dev", "ops"]',
    'cert.subject.organizationalUnit == ["platform"]',
    'cert.subject.country == ["DE"]',
    'cert.subject.locality == ["Nürnberg"]',
    'cert.subject.province == ["Bayern"]',
    'cert.issuer.commonName == "my-ca"',
    'cert.issuer.organization == ["Example"]',
    'cert.issuer.locality == []',
    'cert.serialNumber == "abcdef0"',
    'cert.notBefore == timestamp("2026-06-15T00:00:00Z")',
    'cert.notAfter - cert.notBefore == duration("36h30m15s")',
    'cert.notAfter.getHours() == 12',
    'cert.dnsSANs == ["alice.example"]',
    'cert.uriSANs == ["spiffe://cluster.local/ns/default/sa/%77eb", "urn:uuid:0"]',
    'cert.emailSANs == ["alice@example.org"]',
    'cert.ipSANs == ["192.0.2.1", "2001:db8::1"]',
    'cidr("192.0.2.0/24").containsIP(cert.ipSANs[0])',
    'cert.extKeyUsages == ["clientAuth", "serverAuth", "1.3.6.1.4.1.57683.99"]',
    'cert.publicKeyAlgorithm == "ECDSA"',
    'cert.uriSANs.exists_one(uri, uri.startsWith("spiffe://"))',
    'has(cert.subject.commonName) && has(cert.emailSANs)',
  ])('of a certificate with everything: %s', (expression) => {
    expect(holds(expression, full)).toBe(true);
  });

  it('has the fingerprint as everybody prints it', () => {
    expect(holds(`cert.fingerprint == "${full.fingerprint}"`, full)).toBe(true);
    expect(full.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    'cert.subject.commonName == ""',
    'cert.subject.organization.size() == 0',
    'cert.dnsSANs == [] && cert.uriSANs == [] && cert.emailSANs == [] && cert.ipSANs == []',
    'cert.extKeyUsages == []',
    'cert.publicKeyAlgorithm == "Ed25519"',
    'cert.uriSANs[?0].orValue("") == ""',
    'has(cert.subject.commonName) && has(cert.emailSANs)',
  ])('of a certificate with next to nothing: %s', (expression) => {
    expect(holds(expression, bare)).toBe(true);
  });

  it.each([
    ['user.username == "alice"', /undeclared reference to 'user'/],
    ['request.remoteaddr == ""', /undeclared reference to 'request'/],
    ['cert.subject.surname == ""', /undefined field 'surname'/],
    ['cert.notAfter == "2026-06-16T12:30:15Z"', /no matching overload/],
  ])('is all that an expression over it sees: %s', (expression, error) => {
    expect(holds(expression, full)).toMatch(error);
  });

  it('has no element where a list is empty: that is an evaluation error', () => {
    expect(holds('cert.uriSANs[0] == ""', bare)).toMatchObject({ kind: 'error' });
  });
});
