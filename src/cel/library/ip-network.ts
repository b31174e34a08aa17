import { CelError, noSuchOverload } from '../error.ts';
import { type CelValue, OpaqueValue } from '../value.ts';
import { quote } from './go-quote.ts';
import { IpAddress, isIpv4Mapped, mappedError } from './ip-address.ts';
import { parseAddress } from './ip-parser.ts';

/** A value of `net.CIDR`: an address, which may have bits set past the prefix, and the prefix's length in bits. */
export class IpNetwork extends OpaqueValue {
  readonly typeName = 'net.CIDR';
  readonly address: IpAddress;
  readonly prefixLength: number;

  constructor(address: IpAddress, prefixLength: number) {
    super();
    this.address = address;
    this.prefixLength = prefixLength;
  }

  /** Kubernetes counts the bytes of the prefix, not of the address. */
  override get size(): number {
    return Math.ceil(this.prefixLength / 8);
  }

  equals(other: CelValue): boolean | CelError {
    if (!(other instanceof IpNetwork)) return noSuchOverload();
    return this.prefixLength === other.prefixLength && this.address.equals(other.address);
  }

  toString(): string {
    return `${this.address.toString()}/${this.prefixLength}`;
  }
}

const PREFACE = 'network address parse error during conversion from string: ';

/** The network that Kubernetes' `cidr()` reads; its error texts begin with the same words twice, as there. */
export function parseIpNetwork(text: string): IpNetwork | CelError {
  const network = parsePrefix(text);
  if (typeof network === 'string') {
    return new CelError(`${PREFACE}${PREFACE}netip.ParsePrefix(${quote(text)}): ${network}`);
  }
  if (!isIpv4Mapped(network.address.bytes)) return network;
  return new CelError(PREFACE + mappedError(text).message);
}

/** Go's `netip.ParsePrefix`: the network, or why not. */
function parsePrefix(text: string): IpNetwork | string {
  const slash = text.lastIndexOf('/');
  if (slash < 0) return "no '/'";
  const address = parseAddress(text.slice(0, slash));
  if (address instanceof CelError) return address.message;
  if (address.zone !== '') return 'IPv6 zones cannot be present in a prefix';
  const bits = text.slice(slash + 1);
  // A length that does not fit 64 bits is malformed to Go; a shorter one is out of range.
  if (!/^(?:\d|[1-9]\d*)$/.test(bits) || bits.length > 19 || BigInt(bits) >> 63n !== 0n) {
    return `bad bits after slash: ${quote(bits)}`;
  }
  if (Number(bits) > address.bytes.length * 8) return 'prefix length out of range';
  return new IpNetwork(new IpAddress(address.bytes), Number(bits));
}

/** Whether the address is of the same family and begins with the network's prefix. */
export function containsAddress(network: IpNetwork, address: IpAddress): boolean {
  return (
    network.address.family === address.family && isSamePrefix(network.address, address, network.prefixLength)
  );
}

/** Whether the other network's prefix begins with this one's. */
export function containsNetwork(network: IpNetwork, other: IpNetwork): boolean {
  return network.prefixLength <= other.prefixLength && containsAddress(network, other.address);
}

/** The network with all bits past the prefix cleared. */
export function maskedNetwork({ address, prefixLength }: IpNetwork): IpNetwork {
  const bytes = address.bytes.map((byte, index) => byte & byteMask(prefixLength - index * 8));
  return new IpNetwork(new IpAddress(bytes), prefixLength);
}

function isSamePrefix(a: IpAddress, b: IpAddress, bits: number): boolean {
  for (let index = 0; index * 8 < bits; index++) {
    const difference = (a.bytes[index] ?? 0) ^ (b.bytes[index] ?? 0);
    if ((difference & byteMask(bits - index * 8)) !== 0) return false;
  }
  return true;
}

/** The mask of a byte of which this many leading bits count. */
function byteMask(bits: number): number {
  return bits >= 8 ? 0xff : bits <= 0 ? 0 : (0xff00 >> bits) & 0xff;
}
