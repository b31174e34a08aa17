import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** What was read of connections that are open: Node shows the intermediates only to who asks first. */
const chains = new WeakMap<TLSSocket, readonly Buffer[]>();

/**
 * The certificates that a TLS peer presented, as DER, in its order; none where it presented none. Only a full handshake shows them all:
 * a resumed session has lost the peer's intermediates (openssl#13673), so that resumption has to be off.
 */
export function readPeerChain(socket: TLSSocket): readonly Buffer[] {
  const known = chains.get(socket);
  if (known !== undefined) return known;
  const certificates: Buffer[] = [];
  // Not getPeerCertificate(true): it follows one issuer only, and mixes in local authorities.
  let next: X509Certificate | undefined = socket.getPeerX509Certificate();
  for (; next !== undefined; next = next.issuerCertificate) certificates.push(next.raw);
  chains.set(socket, certificates);
  return certificates;
}
