import { CelError, noSuchOverload } from '../error.ts';
import { type CostRule, type Overload, overload } from '../overload.ts';
import { PER_CHARACTER, sizeOf, traversal } from '../size.ts';
import type { CelResult } from '../value.ts';
import {
  type IpAddress,
  isGlobalUnicast,
  isLinkLocalMulticast,
  isLinkLocalUnicast,
  isLoopback,
  isUnspecified,
  parseIpAddress,
} from './ip-address.ts';
import {
  type IpNetwork,
  containsAddress,
  containsNetwork,
  maskedNetwork,
  parseIpNetwork,
} from './ip-network.ts';

const walked: CostRule = ([text]) => traversal(text);

/** Parsed, written out and compared. */
const walkedTwice: CostRule = ([text]) => Math.ceil(sizeOf(text) * 2 * PER_CHARACTER);

/** The prefix is compared. */
const compared: CostRule = ([network]) => Math.ceil(sizeOf(network) * 2 * PER_CHARACTER);

/** The network is masked, and its length compared too. */
const comparedNetworks: CostRule = (args, result) => compared(args, result) + traversal(args[0]) + 1;

const parsedAndCompared: CostRule = (args, result) => compared(args, result) + traversal(args[1]);

const parsedAndComparedNetworks: CostRule = (args, result) =>
  comparedNetworks(args, result) + traversal(args[1]);

function isParsed(value: object): boolean {
  return !(value instanceof CelError);
}

function isCanonical(text: string): CelResult {
  const address = parseIpAddress(text);
  return address instanceof CelError ? address : address.toString() === text;
}

/** Kubernetes loses the parser's error here, but not in `containsCIDR`. */
function containsAddressText(network: IpNetwork, text: string): CelResult {
  const address = parseIpAddress(text);
  return address instanceof CelError ? noSuchOverload() : containsAddress(network, address);
}

function containsNetworkText(network: IpNetwork, text: string): CelResult {
  const other = parseIpNetwork(text);
  return other instanceof CelError ? other : containsNetwork(network, other);
}

/** Kubernetes' `net.IP` and `net.CIDR`. */
export const networkOverloads: readonly Overload[] = [
  overload('string_to_ip', 'ip(string) -> net.IP', { evaluate: parseIpAddress, cost: walked }),
  overload('cidr_ip', '<net.CIDR>.ip() -> net.IP', { evaluate: ({ address }: IpNetwork) => address }),
  overload('ip_is_canonical', 'ip.isCanonical(string) -> bool', { evaluate: isCanonical, cost: walkedTwice }),
  overload('is_ip', 'isIP(string) -> bool', {
    evaluate: (text: string) => isParsed(parseIpAddress(text)),
    cost: walked,
  }),
  overload('ip_family', '<net.IP>.family() -> int', {
    evaluate: ({ family }: IpAddress) => BigInt(family),
  }),
  overload('ip_is_unspecified', '<net.IP>.isUnspecified() -> bool', { evaluate: isUnspecified }),
  overload('ip_is_loopback', '<net.IP>.isLoopback() -> bool', { evaluate: isLoopback }),
  overload('ip_is_link_local_multicast', '<net.IP>.isLinkLocalMulticast() -> bool', {
    evaluate: isLinkLocalMulticast,
  }),
  overload('ip_is_link_local_unicast', '<net.IP>.isLinkLocalUnicast() -> bool', {
    evaluate: isLinkLocalUnicast,
  }),
  overload('ip_is_global_unicast', '<net.IP>.isGlobalUnicast() -> bool', { evaluate: isGlobalUnicast }),
  overload('ip_to_string', 'string(net.IP) -> string', {
    evaluate: (address: IpAddress) => address.toString(),
  }),
  overload('string_to_cidr', 'cidr(string) -> net.CIDR', { evaluate: parseIpNetwork, cost: walked }),
  overload('is_cidr', 'isCIDR(string) -> bool', {
    evaluate: (text: string) => isParsed(parseIpNetwork(text)),
    cost: walked,
  }),
  // The overloads that take a text come first: where it is decided at run time, the last one's cost is charged.
  overload('cidr_contains_ip_string', '<net.CIDR>.containsIP(string) -> bool', {
    evaluate: containsAddressText,
    cost: parsedAndCompared,
  }),
  overload('cidr_contains_ip_ip', '<net.CIDR>.containsIP(net.IP) -> bool', {
    evaluate: containsAddress,
    cost: compared,
  }),
  overload('cidr_contains_cidr_string', '<net.CIDR>.containsCIDR(string) -> bool', {
    evaluate: containsNetworkText,
    cost: parsedAndComparedNetworks,
  }),
  overload('cidr_contains_cidr', '<net.CIDR>.containsCIDR(net.CIDR) -> bool', {
    evaluate: containsNetwork,
    cost: comparedNetworks,
  }),
  overload('cidr_masked', '<net.CIDR>.masked() -> net.CIDR', { evaluate: maskedNetwork }),
  overload('cidr_prefix_length', '<net.CIDR>.prefixLength() -> int', {
    evaluate: ({ prefixLength }: IpNetwork) => BigInt(prefixLength),
  }),
  overload('cidr_to_string', 'string(net.CIDR) -> string', {
    evaluate: (network: IpNetwork) => network.toString(),
  }),
];
