import type { Certificate } from './certificate.ts';
import { isDomainName, toLowerAscii } from './domain-name.ts';
import { goQuote } from './go-text.ts';
import { formatIpAddress, isIpAddress } from './ip-address.ts';
import { type Mailbox, parseMailbox } from './mailbox.ts';
import { parseUri } from './uri.ts';
import { formatUri } from './uri-text.ts';

/** A name as it is held against constraints, and as it is printed. */
export type ConstrainedName =
  | { readonly kind: 'IP address'; readonly address: Buffer; readonly text: string }
  | { readonly kind: 'DNS name' | 'URI'; readonly domain: string; readonly text: string }
  | { readonly kind: 'email address'; readonly mailbox: Mailbox; readonly text: string };

/**
 * The names of a certificate in the order in which they are checked; or why one of them cannot be checked, in Go's
 * words.
 */
export type ConstrainedNames =
  | { readonly ok: true; readonly names: readonly ConstrainedName[] }
  | { readonly ok: false; readonly error: string };

/**
 * What reading a name throws where it cannot be held against any constraint, and `constrainedNamesOf` turns into a
 * value.
 */
class UncheckableNameError extends Error {}

/** Reads the SubjectAltNames of a certificate for checking against constraints. */
export function constrainedNamesOf(certificate: Certificate): ConstrainedNames {
  try {
    // Go reads URIs and mailboxes before it checks any name.
    const uris = certificate.uris.map(toUri);
    const mailboxes = certificate.emailAddresses.map(toMailbox);
    const addresses = certificate.ipAddresses.map(toAddress);
    return { ok: true, names: [...addresses, ...certificate.dnsNames.map(toDnsName), ...uris, ...mailboxes] };
  } catch (error) {
    if (error instanceof UncheckableNameError) return { ok: false, error: error.message };
    throw error;
  }
}

function toAddress(address: Buffer): ConstrainedName {
  return { kind: 'IP address', address, text: formatIpAddress(address) };
}

function toDnsName(domain: string): ConstrainedName {
  if (!isDomainName(domain)) throw new UncheckableNameError(`x509: cannot parse dnsName ${goQuote(domain)}`);
  return { kind: 'DNS name', domain, text: domain };
}

function toMailbox(email: string): ConstrainedName {
  const mailbox = parseMailbox(email);
  if (mailbox === undefined) throw new UncheckableNameError(`cannot parse rfc822Name ${goQuote(email)}`);
  const domain = toLowerAscii(mailbox.domain);
  return {
    kind: 'email address',
    mailbox: { local: mailbox.local, domain },
    text: `${mailbox.local}@${domain}`,
  };
}

/** RFC 5280 §4.2.1.10: a URI whose host is no domain name cannot be constrained, so it is refused. */
function toUri(text: string): ConstrainedName {
  const result = parseUri(text);
  if (!result.ok) throw new Error('a certificate with a URI that does not parse does not parse itself');
  const { host } = result.uri;
  const printed = formatUri(result.uri);
  if (host === '') {
    throw new UncheckableNameError(
      `URI with empty host (${goQuote(printed)}) cannot be matched against constraints`,
    );
  }
  const domain = withoutPort(host);
  if (isIpAddress(domain) || host.endsWith(']')) {
    throw new UncheckableNameError(`URI with IP (${goQuote(printed)}) cannot be matched against constraints`);
  }
  return { kind: 'URI', domain, text: printed };
}

function withoutPort(host: string): string {
  const literal = /^\[(.*)\]:/.exec(host)?.[1];
  if (literal !== undefined) return literal;
  const [domain = '', , ...more] = host.split(':', 3);
  if (more.length === 0 || host.endsWith(']')) return domain;
  throw new UncheckableNameError(
    `cannot parse URI host ${goQuote(host)}: address ${host}: too many colons in address`,
  );
}
