import { X509Certificate } from 'node:crypto';
import { toPem } from '../../src/x509/pem.ts';
import { parseCertificate } from '../../src/x509/parse-certificate.ts';
import { verifyPath } from '../../src/x509/path.ts';
import { describePathRefusal } from '../../src/x509/path-refusal.ts';
import { tracePath } from '../../src/x509/path-trace.ts';
import { createRevocations, findRevoked } from '../../src/x509/revocation.ts';
import { parseTrustBundle } from '../../src/x509/trust-bundle.ts';
import { MAX_SIGNATURE_CHECKS, NOW } from './corpus.ts';
import type { Input } from './target.ts';

/** Verifies a chain after its anchor, the leaf first; says what is wrong with the verdict. */
export function verifyChain([anchor = Buffer.alloc(0), ...presented]: Input): string | undefined {
  const anchors = parseTrustBundle(toPem(anchor, 'CERTIFICATE'));
  const chain = presented
    .map((der) => parseCertificate(der))
    .flatMap((result) => (result.ok ? [result.certificate] : []));
  if (!anchors.ok || chain.length < presented.length) return undefined;
  const requirements = {
    anchors: anchors.bundle,
    at: NOW,
    maxSignatureChecks: MAX_SIGNATURE_CHECKS,
    handledExtensions: new Set<string>(),
  };
  const verdict = verifyPath(chain, requirements);
  if (verdict.kind === 'refused') {
    return describePathRefusal(verdict.refusal).startsWith('x509: ') ? undefined : 'a refusal without words';
  }
  const revocations = createRevocations({ lists: [], crls: [] });
  for (const path of verdict.paths) {
    if (findRevoked(tracePath(path), revocations, { at: NOW, onStale: 'Deny' }) !== undefined)
      return 'revoked by nothing';
    const isGenuine = path.certificates.every((child, index) => {
      const parent = path.certificates[index + 1];
      return parent === undefined || isSignedBy(child.der, parent.der);
    });
    if (!isGenuine) return 'OpenSSL does not verify a signature of a verified path';
  }
  return undefined;
}

/** Another implementation's opinion. What it cannot read it has none on. */
function isSignedBy(child: Buffer, parent: Buffer): boolean {
  try {
    return new X509Certificate(child).verify(new X509Certificate(parent).publicKey);
  } catch {
    return true;
  }
}
