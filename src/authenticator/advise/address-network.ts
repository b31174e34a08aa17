import { toRemoteAddress } from '../remote-address.ts';

/** The network that a text prefix of addresses was meant for, and an address that it lets in beside it, where there is one. */
export interface IntendedNetwork {
  readonly cidr: string;
  readonly stranger?: string;
}

/** The network for the beginning of an address; undefined for what begins none. */
export function networkOfPrefix(prefix: string): IntendedNetwork | undefined {
  return /^[\d.]+$/.test(prefix) ? ipv4Network(prefix) : ipv6Network(prefix);
}

/** The network of an address or of a CIDR. */
export function networkOfText(text: string): string | undefined {
  const [address = '', bits] = text.split('/');
  const canonical = toRemoteAddress(address);
  if (canonical === undefined) return undefined;
  return `${canonical}/${bits ?? (canonical.includes(':') ? '128' : '32')}`;
}

function ipv4Network(prefix: string): IntendedNetwork | undefined {
  const octets = prefix.replace(/\.$/, '').split('.');
  if (octets.length > 4 || octets.some((octet) => octet === '' || Number(octet) > 255)) return undefined;
  const base = [...octets, '0', '0', '0'].slice(0, 4).join('.');
  const cidr = `${base}/${octets.length * 8}`;
  if (prefix.endsWith('.')) return { cidr };
  const stranger = strangerTo(octets);
  return stranger === undefined ? { cidr } : { cidr, stranger };
}

/** An address whose last octet only begins as the prefix does: 10.0.0.100 for 10.0.0.1. */
function strangerTo(octets: readonly string[]): string | undefined {
  const last = octets.at(-1) ?? '';
  const longer = ['00', '0', '1', '5'].map((digits) => last + digits);
  const octet = longer.find((text) => Number(text) <= 255 && text === String(Number(text)));
  if (octet === undefined) return undefined;
  const begun = [...octets.slice(0, -1), octet];
  return [...begun, ...['0', '0', '1'].slice(begun.length - 1)].join('.');
}

function ipv6Network(prefix: string): IntendedNetwork | undefined {
  if (!/^[\da-f]{1,4}(:[\da-f]{1,4})*:?:?$/i.test(prefix)) return undefined;
  const groups = prefix.replace(/:+$/, '').split(':');
  if (groups.length > 7) return undefined;
  return { cidr: `${groups.join(':').toLowerCase()}::/${groups.length * 16}` };
}
