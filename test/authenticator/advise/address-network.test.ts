import { describe, expect, it } from 'vitest';
import { networkOfPrefix, networkOfText } from '../../../src/authenticator/advise/address-network.ts';

describe('the network that a text was meant for', () => {
  it.each([
    ['10.', { cidr: '10.0.0.0/8' }],
    ['10', { cidr: '10.0.0.0/8', stranger: '100.0.0.1' }],
    ['192.168.', { cidr: '192.168.0.0/16' }],
    ['192.168', { cidr: '192.168.0.0/16' }],
    ['10.1', { cidr: '10.1.0.0/16', stranger: '10.100.0.1' }],
    ['10.0.0.1', { cidr: '10.0.0.1/32', stranger: '10.0.0.100' }],
    ['10.0.0.25', { cidr: '10.0.0.25/32', stranger: '10.0.0.250' }],
    ['10.0.0.255', { cidr: '10.0.0.255/32' }],
    ['2001:db8:', { cidr: '2001:db8::/32' }],
    ['2001:DB8:1::', { cidr: '2001:db8:1::/48' }],
    ['fe80', { cidr: 'fe80::/16' }],
    ['', undefined],
    ['256.', undefined],
    ['10..', undefined],
    ['internal', undefined],
    ['1.2.3.4.5', undefined],
  ])('%j', (prefix, network) => expect(networkOfPrefix(prefix)).toEqual(network));

  it.each([
    ['10.0.0.1', '10.0.0.1/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['2001:DB8::1', '2001:db8::1/128'],
    ['::ffff:10.0.0.1', '10.0.0.1/32'],
    ['10.0.0.1:443', undefined],
    ['localhost', undefined],
  ])('%j, as a whole', (text, network) => expect(networkOfText(text)).toBe(network));
});
