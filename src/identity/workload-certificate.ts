import type { CertificateTemplate } from '../x509/build.ts';
import type { MappingRefusal } from './mapping-refusal.ts';

/** What a profile settles of a certificate; the issuer adds key, validity and, where the profile allows them, more names. */
export type WorkloadCertificate = Pick<
  CertificateTemplate,
  'subject' | 'uriSANs' | 'isCA' | 'keyUsages' | 'extKeyUsages' | 'extensions'
>;

export type WorkloadCertificateResult =
  | { readonly ok: true; readonly certificate: WorkloadCertificate }
  | { readonly ok: false; readonly refusal: MappingRefusal };
