/** Writes DER by hand, for what no builder would write. Each function gives a whole element. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), encodeLength(body.length), body]);
}

export function sequence(...elements: readonly Uint8Array[]): Buffer {
  return element(0x30, ...elements);
}

export function integer(value: bigint): Buffer {
  const digits = (value < 0n ? ~value : value).toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const magnitude = Buffer.from(even >= '8' ? `00${even}` : even, 'hex');
  return element(0x02, value < 0n ? magnitude.map((octet) => octet ^ 0xff) : magnitude);
}

export function octetString(...contents: readonly Uint8Array[]): Buffer {
  return element(0x04, ...contents);
}

/** A BIT STRING of whole octets. */
export function bitString(octets: Uint8Array): Buffer {
  return element(0x03, Buffer.of(0), octets);
}

export function explicit(number: number, ...contents: readonly Uint8Array[]): Buffer {
  return element(0xa0 | number, ...contents);
}

export function boolean(value: boolean): Buffer {
  return Buffer.of(0x01, 1, value ? 0xff : 0);
}

export function utf8String(text: string): Buffer {
  return element(0x0c, Buffer.from(text));
}

/** UTCTime until 2049, GeneralizedTime from 2050 on: RFC 5280 §4.1.2.5. */
export function time(milliseconds: number): Buffer {
  const digits = `${new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/\D/g, '')}Z`;
  return digits < '2050' ? element(0x17, Buffer.from(digits.slice(2))) : element(0x18, Buffer.from(digits));
}

export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...arcs] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...arcs].flatMap(encodeArc)));
}

export function extension(
  id: string,
  value: Uint8Array,
  criticality: 'critical' | 'non-critical' = 'non-critical',
): Buffer {
  const critical = criticality === 'critical' ? [boolean(true)] : [];
  return sequence(objectIdentifier(id), ...critical, octetString(value));
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(length);
  const significant = octets.subarray(octets.findIndex((octet) => octet !== 0));
  return Buffer.concat([Buffer.of(0x80 | significant.length), significant]);
}

function encodeArc(arc: number): number[] {
  const octets = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
    octets.unshift(0x80 | (rest % 128));
  return octets;
}
