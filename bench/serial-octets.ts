import { hash } from 'node:crypto';

const OCTETS = 16;

/** Serial numbers without order, the n-th always the same; positive as an INTEGER. */
export function serialOctets(index: number): Buffer {
  const digest = hash('sha256', String(index), 'buffer').subarray(0, OCTETS);
  digest.writeUInt8(0x40, 0);
  return digest;
}
