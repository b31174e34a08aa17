import { BadHeader } from './bad-header.ts';
import type { CertificateHeaders } from './certificate-headers.ts';
import { decodeBase64 } from './forwarded-pem.ts';

/** RFC 9440: `Client-Cert` is a Byte Sequence of RFC 8941 §3.3.5, `Client-Cert-Chain` a list of them, without parameters. */
export const rfc9440Headers: CertificateHeaders = {
  names: ['client-cert', 'client-cert-chain'],
  read({ 'client-cert': leafItem, 'client-cert-chain': chainList }) {
    if (leafItem === undefined) {
      if (chainList !== undefined) throw new BadHeader('Client-Cert-Chain came without Client-Cert');
      return [];
    }
    const leaf = readItem('Client-Cert', leafItem);
    const chain =
      chainList === undefined
        ? []
        : chainList.split(',').map((item) => readItem('Client-Cert-Chain', item.trim()));
    // §2.3: the chain is what follows the end-entity certificate.
    if (chain.some((certificate) => certificate.equals(leaf))) {
      throw new BadHeader("Client-Cert-Chain repeats Client-Cert's certificate");
    }
    return [leaf, ...chain];
  },
};

function readItem(name: string, item: string): Buffer {
  const base64 = /^:([A-Za-z0-9+/=]*):$/.exec(item)?.[1];
  if (base64 === undefined) throw new BadHeader(`${name} is not a byte sequence (RFC 8941 §3.3.5)`);
  return decodeBase64(name, base64);
}
