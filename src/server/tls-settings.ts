import { constants } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

/** `--tls-min-version`, in the words of Kubernetes' components. */
export const TLS_VERSIONS = { VersionTLS12: 'TLSv1.2', VersionTLS13: 'TLSv1.3' } as const;

/** The suites that `--tls-cipher-suites` takes: those that Go counts as secure, by their IANA names, and what OpenSSL calls them. */
export const CIPHER_SUITES: Readonly<Record<string, string>> = {
  TLS_AES_128_GCM_SHA256: 'TLS_AES_128_GCM_SHA256',
  TLS_AES_256_GCM_SHA384: 'TLS_AES_256_GCM_SHA384',
  TLS_CHACHA20_POLY1305_SHA256: 'TLS_CHACHA20_POLY1305_SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
};

/** TLS 1.3's own are always offered, as in Go: naming suites limits TLS 1.2 alone. */
const TLS13_SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/** Authenticated encryption with forward secrecy; CBC only for who asks for it by name. */
const DEFAULT_SUITES = Object.keys(CIPHER_SUITES).filter(
  (name) => name.startsWith('TLS_ECDHE') && !name.includes('_CBC_'),
);

/** How the TLS port negotiates. */
export interface TlsSettings {
  readonly minVersion: keyof typeof TLS_VERSIONS;
  /** IANA names, each a key of `CIPHER_SUITES`; empty: the default ones. */
  readonly cipherSuites: readonly string[];
}

/** A serving certificate with its key, and the authorities whose certificates callers are asked for; all PEM. */
export interface TlsMaterial {
  readonly certificate: Buffer;
  readonly key: Buffer;
  readonly callerAuthorities?: string;
}

/**
 * What node:tls is given. No renegotiation, so that a connection has one peer for its whole life; no resumption, since a
 * resumed session has lost the peer's intermediate certificates. The caller's authorities are only a hint to the caller.
 */
export function toTlsOptions(settings: TlsSettings, material: TlsMaterial): SecureContextOptions {
  const named = settings.cipherSuites.length > 0 ? settings.cipherSuites : DEFAULT_SUITES;
  const suites = new Set([...TLS13_SUITES, ...named.map((name) => CIPHER_SUITES[name] ?? name)]);
  return {
    cert: material.certificate,
    key: material.key,
    // An empty list keeps the public authorities that Node trusts by default out of the hint.
    ca: material.callerAuthorities === undefined ? [] : [material.callerAuthorities],
    minVersion: TLS_VERSIONS[settings.minVersion],
    ciphers: [...suites].join(':'),
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
  };
}
