import type { Certificate } from './certificate.ts';
import { parseCertificate } from './parse-certificate.ts';

/** A PEM block (RFC 7468, and RFC 1421's headers). */
export interface PemBlock {
  readonly label: string;
  readonly hasHeaders: boolean;
  readonly bytes: Buffer;
}

export type PemCertificatesResult =
  | {
      readonly ok: true;
      readonly certificates: readonly Certificate[];
      /** Blocks that begin anywhere in the text and are none of the certificates. */
      readonly skippedBlocks: number;
    }
  | { readonly ok: false; readonly error: string };

const BEGIN = /^-----BEGIN (.*)-----[ \t]*$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * The PEM blocks of a text, in order; what stands between them is not looked at, and neither are blocks that are not
 * well formed.
 */
export function readPemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let body: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const begin = BEGIN.exec(line)?.[1];
    if (begin !== undefined) {
      label = begin;
      body = [];
    } else if (label !== undefined && line.startsWith('-----END ')) {
      const block = line.trimEnd() === `-----END ${label}-----` ? toBlock(label, body) : undefined;
      if (block !== undefined) blocks.push(block);
      label = undefined;
    } else if (label !== undefined) body.push(line);
  }
  return blocks;
}

function toBlock(label: string, body: readonly string[]): PemBlock | undefined {
  const firstOfBody = body.findIndex((line) => !line.includes(':'));
  const base64 = body
    .slice(Math.max(firstOfBody, 0))
    .join('')
    .replace(/[ \t]+/g, '');
  if (base64.length % 4 !== 0 || !BASE64.test(base64)) return undefined;
  return { label, hasHeaders: firstOfBody > 0, bytes: Buffer.from(base64, 'base64') };
}

/**
 * The certificates of a text: blocks of another label or with headers are skipped, and so are those that are not well formed; a
 * certificate that does not parse refuses all.
 */
export function parsePemCertificates(text: string): PemCertificatesResult {
  const certificates: Certificate[] = [];
  for (const block of readPemBlocks(text)) {
    if (block.label !== 'CERTIFICATE' || block.hasHeaders) continue;
    const result = parseCertificate(block.bytes);
    if (!result.ok) return result;
    certificates.push(result.certificate);
  }
  if (certificates.length === 0) {
    return { ok: false, error: 'data does not contain any valid RSA or ECDSA certificates' };
  }
  // Counted where a line is cut off, joined to another, or preceded by a byte order mark, too.
  const begun = text.split('-----BEGIN ').length - 1;
  return { ok: true, certificates, skippedBlocks: begun - certificates.length };
}

/** Writes DER as one PEM block: RFC 7468. */
export function toPem(der: Uint8Array, label: 'CERTIFICATE' | 'CERTIFICATE REQUEST' | 'X509 CRL'): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
