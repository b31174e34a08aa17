import { describe, expect, it } from 'vitest';
import { toRemoteAddress } from '../../src/authenticator/remote-address.ts';

describe('a remote address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1', '10.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('%s is %s', (text, canonical) => {
    expect(toRemoteAddress(text)).toBe(canonical);
  });
  it.each([
    '',
    'localhost',
    '10.0.0.1:443',
    '[::1]:443',
    '10.0.0',
    '010.0.0.1',
    '0x0a000001',
    '10.0.0.256',
    '10.0.0.1%eth0',
    '::ffff:010.0.0.1',
    '::1%',
    '1',
    ' 10.0.0.1',
    '::ffff:10.0.0.256',
    '10.0.0.1/8',
  ])('%j is none', (text) => {
    expect(toRemoteAddress(text)).toBeUndefined();
  });
});
