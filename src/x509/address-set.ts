import { formatIpAddress } from './ip-address.ts';
import type { AddressRange } from './name-constraints-extension.ts';

/**
 * Address ranges, looked up in as many steps as there are different prefix lengths, however many ranges there are.
 */
export interface AddressSet {
  /** The widest range that covers the address, as `address/bits`. */
  find(address: Buffer): string | undefined;
}

/** Makes a set; an IPv4 address is in no IPv6 range, nor the other way round. */
export function createAddressSet(ranges: readonly AddressRange[]): AddressSet {
  const masks = new Map<string, Buffer>();
  const texts = new Map<string, string>();
  for (const { address, mask } of ranges) {
    const network = masked(address, mask);
    masks.set(mask.toString('hex'), mask);
    texts.set(key(network, mask), `${formatIpAddress(network)}/${prefixLength(mask)}`);
  }
  const widestFirst = [...masks.values()].sort((first, second) => prefixLength(first) - prefixLength(second));
  return {
    find(address) {
      for (const mask of widestFirst) {
        const text = texts.get(key(masked(address, mask), mask));
        if (text !== undefined) return text;
      }
      return undefined;
    },
  };
}

function masked(address: Buffer, mask: Buffer): Buffer {
  return Buffer.from(address.map((byte, index) => byte & (mask[index] ?? 0)));
}

function key(network: Buffer, mask: Buffer): string {
  return `${network.toString('hex')}/${mask.toString('hex')}`;
}

function prefixLength(mask: Buffer): number {
  return mask.reduce((bits, byte) => bits + (byte === 0 ? 0 : 8 - Math.log2(256 - byte)), 0);
}
