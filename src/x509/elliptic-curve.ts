import type { Curve } from './public-key.ts';

/** A short Weierstrass curve y² = x³ − 3x + b over the integers modulo p. */
interface CurveParameters {
  readonly octets: number;
  /** What precedes the point in a SubjectPublicKeyInfo. */
  readonly spkiHeader: string;
  readonly p: bigint;
  readonly b: bigint;
}

/** FIPS 186-4 §D.1.2. */
const CURVES: Readonly<Record<Curve, CurveParameters>> = {
  'P-224': {
    octets: 28,
    spkiHeader: '304e301006072a8648ce3d020106052b81040021033a00',
    p: 2n ** 224n - 2n ** 96n + 1n,
    b: 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n,
  },
  'P-256': {
    octets: 32,
    spkiHeader: '3059301306072a8648ce3d020106082a8648ce3d030107034200',
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    octets: 48,
    spkiHeader: '3076301006072a8648ce3d020106052b81040022036200',
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    octets: 66,
    spkiHeader: '30819b301006072a8648ce3d020106052b8104002303818600',
    p: 2n ** 521n - 1n,
    b: 0x051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
};

/** The affine coordinates of a public key. */
export interface Point {
  readonly x: Buffer;
  readonly y: Buffer;
}

export type PointResult =
  | { readonly ok: true; readonly point: Point }
  | { readonly ok: false; readonly error: string };

const UNCOMPRESSED = 0x04;

/**
 * Reads a public point: 0x04 ‖ X ‖ Y of exact length, on the curve. OpenSSL would also take the compressed and hybrid
 * forms, and the point at infinity, under which forged signatures verify. Errors are Go's.
 */
export function parsePoint(curve: Curve, octets: Buffer): PointResult {
  const { octets: size, p, b } = CURVES[curve];
  const name = curve.replace('-', '');
  if (octets[0] !== UNCOMPRESSED) return { ok: false, error: 'ecdsa: invalid uncompressed public key' };
  if (octets.length !== 1 + 2 * size) return { ok: false, error: `invalid ${name} point encoding` };
  const point = { x: octets.subarray(1, 1 + size), y: octets.subarray(1 + size) };
  const x = BigInt(`0x${point.x.toString('hex')}`);
  const y = BigInt(`0x${point.y.toString('hex')}`);
  if (x >= p || y >= p) return { ok: false, error: `invalid ${name} element encoding` };
  const isOnCurve = (y * y - x * (x * x - 3n) - b) % p === 0n;
  return isOnCurve ? { ok: true, point } : { ok: false, error: `${name} point not on curve` };
}

/** The SubjectPublicKeyInfo of a point that `parsePoint` took, in the one form that RFC 5480 §2 gives it. */
export function toSpki(curve: Curve, octets: Buffer): Buffer {
  return Buffer.concat([Buffer.from(CURVES[curve].spkiHeader, 'hex'), octets]);
}
