import { describe, expect, it } from 'vitest';
import { formatIpAddress, isIpAddress, isIpv6 } from '../../src/x509/ip-address.ts';

describe('an IP address', () => {
  it.each([
    '0.0.0.0',
    '255.255.255.255',
    '::',
    '::1',
    '1::',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7::',
    '::ffff:1.2.3.4',
    '1:2:3:4:5:6:1.2.3.4',
    'fe80::1%eth0',
  ])('may be %s', (text) => {
    expect(isIpAddress(text)).toBe(true);
    expect(isIpv6(text)).toBe(text.includes(':'));
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.',
    '1.2.3.x',
    '0x7f.0.0.1',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1::2::3',
    ':1::2',
    '1::2:',
    '12345::',
    'g::',
    '1.2.3.4::',
    '::1.2.3',
    'fe80::1%',
    'example',
  ])('is not %j', (text) => {
    expect(isIpAddress(text)).toBe(false);
  });

  it.each([
    ['0a000001', '10.0.0.1'],
    ['00000000000000000000000000000001', '::1'],
    ['00000000000000000000000000000000', '::'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['20010db8000100020003000400050000', '2001:db8:1:2:3:4:5:0'],
    ['fe800000000000000000000000000000', 'fe80::'],
    ['00000000000000000000ffff0a000001', '10.0.0.1'],
  ])('of octets %s is printed %s', (hex, text) => {
    expect(formatIpAddress(Buffer.from(hex, 'hex'))).toBe(text);
  });
});
