import { type Command, Option } from 'commander';
import ipaddr from 'ipaddr.js';
import { CERTIFICATE_FORMS, type TerminatorHeaders } from '../server/forwarded.ts';
import type { ProxyCheck } from '../server/proxy-front.ts';
import type { ListenAddress } from '../server/tls-listener.ts';
import { parseAddress } from './address.ts';
import { isLoopback, parseNames } from './caller-flags.ts';
import { Failure } from './failure.ts';

/** The flags of `serve` about sessions and who gives them, as they were given. */
export interface FrontFlags {
  readonly sessionSigningKeyFile: readonly string[];
  readonly issuerUrl?: string;
  readonly exchangeBindAddress?: string;
  readonly proxyProtocolTrustedCidrs?: string;
  readonly terminatorBindAddress?: string;
  readonly terminatorCaFile?: string;
  readonly terminatorAllowedNames?: string;
  readonly terminatorCertificateHeader?: keyof typeof CERTIFICATE_FORMS;
  readonly terminatorAddressHeader?: string;
}

/** Where sessions are given, and by what they are signed. */
export interface FrontPolicy {
  /** Absent: there are no sessions. */
  readonly sessionKeys?: { readonly files: readonly string[] } | { readonly from: 'cert-dir' };
  readonly issuerUrl?: string;
  readonly exchange?: { readonly address: ListenAddress; readonly isProxy: ProxyCheck };
  readonly terminator?: TerminatorPolicy;
}

export interface TerminatorPolicy {
  readonly address: ListenAddress;
  readonly caFile: string;
  readonly allowedNames: ReadonlySet<string>;
  readonly headers: TerminatorHeaders;
}

export function addFrontFlags(command: Command): Command {
  return command
    .option(
      '--session-signing-key-file <file>',
      'key that sessions are signed with, PEM; may be repeated: the first signs, all verify (default: one made in --cert-dir, on loopback alone)',
      (file: string, files: readonly string[]) => [...files, file],
      [],
    )
    .option(
      '--issuer-url <url>',
      'https URL under which kube-apiserver finds the keys of native sessions (entries with session.native)',
    )
    .option(
      '--exchange-bind-address <host:port>',
      'where POST /exchange gives a session token for the client certificate of the connection; off by default',
    )
    .option(
      '--proxy-protocol-trusted-cidrs <cidrs>',
      'balancers before /exchange, with commas: their connections must begin with a PROXY header (v1 or v2)',
    )
    .option(
      '--terminator-bind-address <host:port>',
      'where /auth answers a TLS terminator (nginx auth_request, Envoy ext_authz); off by default',
    )
    .option('--terminator-ca-file <file>', "authorities of the terminators' client certificates, PEM")
    .option('--terminator-allowed-names <names>', 'their common names, DNS or URI names, with commas')
    .addOption(
      new Option(
        '--terminator-certificate-header <form>',
        "how terminators hand on their client's certificate; other forms are refused",
      ).choices(Object.keys(CERTIFICATE_FORMS)),
    )
    .option('--terminator-address-header <name>', "the header with the client's one IP address");
}

/**
 * The policy that flags ask for; `bindAddress` is the webhook's.
 *
 * @throws Failure for flags that do not go together, and for a key that replicas would not share.
 */
export function parseFrontPolicy(flags: FrontFlags, bindAddress: string): FrontPolicy {
  const exchange = parseExchange(flags);
  const terminator = parseTerminator(flags);
  const { sessionSigningKeyFile: files, issuerUrl } = flags;
  const hosts = [bindAddress, exchange?.address.host, terminator?.address.host];
  const isOffered = exchange !== undefined || terminator !== undefined;
  if (isOffered && files.length === 0 && !hosts.every((host) => host === undefined || isLoopback(host))) {
    throw new Failure(
      '--session-signing-key-file is required beyond loopback: every replica must verify what another has signed',
    );
  }
  if (issuerUrl !== undefined && !isOffered && files.length === 0) {
    throw new Failure(
      '--issuer-url goes together with --exchange-bind-address or --terminator-bind-address: nobody else issues sessions',
    );
  }
  const sessionKeys = files.length > 0 ? { files } : { from: 'cert-dir' as const };
  return {
    ...((isOffered || files.length > 0) && { sessionKeys }),
    ...(issuerUrl !== undefined && { issuerUrl: parseIssuer(issuerUrl) }),
    ...(exchange && { exchange }),
    ...(terminator && { terminator }),
  };
}

/**
 * An issuer's URL as kube-apiserver wants it, which compares it as it is.
 *
 * @throws Failure naming the flag.
 */
export function parseIssuer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new Failure(
      `--issuer-url: ${JSON.stringify(text)} is not an https URL without user, query and fragment`,
    );
  }
  return text;
}

function parseExchange(flags: FrontFlags): FrontPolicy['exchange'] {
  const { exchangeBindAddress: text, proxyProtocolTrustedCidrs: cidrs } = flags;
  if (text === undefined) {
    if (cidrs !== undefined) {
      throw new Failure('--proxy-protocol-trusted-cidrs goes together with --exchange-bind-address');
    }
    return undefined;
  }
  const address = parseAddress('--exchange-bind-address', text);
  return { address, isProxy: cidrs === undefined ? () => false : parseCidrs(cidrs) };
}

function parseCidrs(text: string): ProxyCheck {
  const flag = '--proxy-protocol-trusted-cidrs';
  const ranges = [...parseNames(flag, text)].map((cidr) => {
    if (!/^[0-9a-fA-F:.]+\/\d{1,3}$/.test(cidr) || !ipaddr.isValidCIDR(cidr)) {
      throw new Failure(`${flag}: ${JSON.stringify(cidr)} is not a CIDR: expected one like 10.0.0.0/8`);
    }
    const range = ipaddr.parseCIDR(cidr);
    if (range[1] === 0) throw new Failure(`${flag}: ${cidr} would let every client say where it comes from`);
    return range;
  });
  return (text) => {
    const address = ipaddr.process(text);
    return ranges.some((range) => address.kind() === range[0].kind() && address.match(range));
  };
}

function parseTerminator(flags: FrontFlags): TerminatorPolicy | undefined {
  const {
    terminatorBindAddress: bind,
    terminatorCaFile: caFile,
    terminatorAllowedNames: names,
    terminatorCertificateHeader: form,
    terminatorAddressHeader: addressHeader,
  } = flags;
  if ([bind, caFile, names, form, addressHeader].every((flag) => flag === undefined)) return undefined;
  if (bind === undefined || caFile === undefined || names === undefined || form === undefined) {
    throw new Failure(
      '--terminator-bind-address, --terminator-ca-file, --terminator-allowed-names and --terminator-certificate-header go together',
    );
  }
  return {
    address: parseAddress('--terminator-bind-address', bind),
    caFile,
    allowedNames: parseNames('--terminator-allowed-names', names),
    headers: {
      form,
      ...(addressHeader !== undefined && { addressHeader: parseHeaderName(addressHeader) }),
    },
  };
}

/** A header that hands on a certificate is read in another way. */
function parseHeaderName(text: string): string {
  const name = text.toLowerCase();
  const taken = Object.values(CERTIFICATE_FORMS).flatMap(({ names }) => names);
  if (!/^[a-z0-9-]+$/.test(name) || taken.includes(name)) {
    throw new Failure(
      `--terminator-address-header: ${JSON.stringify(text)} is not a header for an address: expected one like X-Real-IP`,
    );
  }
  return name;
}
