import { BadHeader } from './bad-header.ts';
import type { CertificateHeaders } from './certificate-headers.ts';
import { readEscapedPem } from './forwarded-pem.ts';

/** nginx's `$ssl_client_escaped_cert`: the leaf alone, percent-encoded PEM. nginx has no variable for the rest of the chain. */
export const nginxHeaders: CertificateHeaders = {
  names: ['ssl-client-cert'],
  read({ 'ssl-client-cert': escaped }) {
    if (escaped === undefined) return [];
    const certificates = readEscapedPem('ssl-client-cert', escaped);
    if (certificates.length !== 1) throw new BadHeader('ssl-client-cert has more than one certificate');
    return certificates;
  },
};
