import { TLSSocket } from 'node:tls';
import { MAX_SIGNATURE_CHECKS } from '../authenticator/match.ts';
import type { Certificate } from '../x509/certificate.ts';
import { commonName } from '../x509/name.ts';
import { describePathRefusalWithoutNames } from '../x509/path-refusal.ts';
import { createPathVerifier, type PathVerifier } from '../x509/path-verifier.ts';
import type { TrustBundle } from '../x509/trust-bundle.ts';
import type { CallerCheck, CallerRefusal } from './caller.ts';
import { readPeerChain } from './peer-chain.ts';

/** Which client certificates may call: issued under these anchors as they are now, to one of these names. */
export interface CallerCertificates {
  readonly anchors: () => TrustBundle;
  /** Common names, or DNS or URI names of the subject alternative name, compared as they are. */
  readonly allowedNames: ReadonlySet<string>;
}

/** API servers are few; a leaf with more intermediates than theirs have is none of them. */
const LIMITS = { leaves: 64, authorities: 64, presentedCertificates: 8 };

const NONE_HANDLED: ReadonlySet<string> = new Set();

type Chain = readonly Certificate[];

/**
 * Lets in who proved in the TLS handshake to hold a certificate that this project's own verification accepts now. What
 * OpenSSL makes of the chain is not asked.
 */
export function createCertificateCheck({ anchors, allowedNames }: CallerCertificates): CallerCheck {
  const paths = createPathVerifier(LIMITS);
  // One peer a connection: renegotiation is off.
  const presented = new WeakMap<TLSSocket, Chain | CallerRefusal>();
  return ({ socket }, at) => {
    if (!(socket instanceof TLSSocket)) throw new Error('a caller came without TLS');
    let peer = presented.get(socket);
    if (peer === undefined) presented.set(socket, (peer = readPeer(socket, paths)));
    if ('kind' in peer) return peer;
    const requirements = {
      anchors: anchors(),
      at,
      maxSignatureChecks: MAX_SIGNATURE_CHECKS,
      handledExtensions: NONE_HANDLED,
    };
    const verdict = paths.verify(peer, requirements);
    if (verdict.kind === 'refused') return untrusted(describePathRefusalWithoutNames(verdict.refusal));
    const [leaf] = verdict.paths[0].certificates;
    const names = namesOf(leaf);
    if (names.some((name) => allowedNames.has(name))) return { kind: 'accepted' };
    return {
      kind: 'refused',
      code: 'caller/name-not-allowed',
      why: "the client certificate's names are not among those that may call",
      names,
    };
  };
}

function readPeer(socket: TLSSocket, paths: PathVerifier): Chain | CallerRefusal {
  const certificates = readPeerChain(socket);
  if (certificates.length === 0) {
    return {
      kind: 'refused',
      code: 'caller/no-certificate',
      why: 'the caller presented no client certificate',
    };
  }
  const read = paths.readChain(certificates);
  return read.ok ? read.chain : untrusted(read.error);
}

function namesOf({ subject, dnsNames, uris }: Certificate): readonly string[] {
  return [commonName(subject), ...dnsNames, ...uris].filter((name) => name !== '');
}

function untrusted(why: string): CallerRefusal {
  return { kind: 'refused', code: 'caller/untrusted-certificate', why: `client certificate: ${why}` };
}
