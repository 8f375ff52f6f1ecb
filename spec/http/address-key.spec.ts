import type { Request } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import { createAddressKey, keyOfAddress } from '../../lib/http/address-key';

// The library's own, with a count of its calls.
jest.mock('express-rate-limit', () => {
  const actual = jest.requireActual('express-rate-limit');
  return { ...actual, ipKeyGenerator: jest.fn(actual.ipKeyGenerator) };
});

const seenAs = (ip: string | undefined) => ({ ip }) as Request;

describe('The key of an address', () => {
  it.each<[string, number | false, string, string, boolean]>([
    ['IPv4', 56, '203.0.113.1', '203.0.113.1', true],
    ['IPv4', 56, '203.0.113.1', '203.0.113.2', false],
    ['IPv4 with ports', 56, '203.0.113.1:1', '203.0.113.1:2', true],
    ['IPv4 written as IPv6', 56, '::ffff:203.0.113.1', '203.0.113.1', true],
    ['IPv4 written as IPv6 in hexadecimal', 56, '::ffff:cb00:7101', '203.0.113.1', true],
    ['two IPv4 addresses written as IPv6', 56, '::ffff:203.0.113.1', '::ffff:203.0.113.2', false],
    ['IPv6 of one subnet', 56, '2001:db8:0:100::1', '[2001:db8:0:1ff::2]:4711', true],
    ['IPv6 of two subnets', 56, '2001:db8:0:100::1', '2001:db8:0:200::1', false],
    ['IPv6 of two smaller subnets', 64, '2001:db8:0:100::1', '2001:db8:0:101::1', false],
    ['IPv6 without subnets', false, '2001:db8::1', '2001:db8::2', false],
    ['IPv6 without subnets', false, '2001:db8::1', '2001:0db8::1', true],
    ['what is no address', 56, 'unknown', '_hidden', true],
    ['what is no address, and none', 56, 'unknown', undefined as never, true],
    ['what is no address, and one', 56, 'unknown', '203.0.113.1', false],
  ])('%s, /%s: %s and %s: the same is %s', (_what, ipv6Subnet, one, another, isSame) => {
    const addressKeyOf = createAddressKey(ipv6Subnet);
    expect(addressKeyOf(seenAs(one)) === addressKeyOf(seenAs(another))).toBe(isSame);
    // Also once it is remembered.
    expect(addressKeyOf(seenAs(one)) === addressKeyOf(seenAs(another))).toBe(isSame);
  });

  it('is right for more addresses than are remembered', () => {
    const addressKeyOf = createAddressKey(64);
    const addresses = Array.from({ length: 2500 }, (_, index) => `2001:db8:0:${index.toString(16)}::1`);
    expect(new Set(addresses.map((address) => addressKeyOf(seenAs(address)))).size).toBe(2500);
    expect(addressKeyOf(seenAs('2001:db8:0:7::2'))).toBe(addressKeyOf(seenAs('2001:db8:0:7::1')));
  });

  it('is made once for an IPv6 address, and a thousand are remembered at most', () => {
    const addressKeyOf = createAddressKey(64);
    const made = jest.mocked(ipKeyGenerator).mockClear();
    const askFor = (index: number) => addressKeyOf(seenAs(`2001:db8::${index.toString(16)}`));
    for (let index = 0; index < 1000; index += 1) askFor(index);
    askFor(0);
    expect(made).toHaveBeenCalledTimes(1000);
    // An IPv4 address takes no place.
    addressKeyOf(seenAs('203.0.113.9'));
    askFor(0);
    expect(made).toHaveBeenCalledTimes(1001);
    askFor(1000);
    askFor(0);
    expect(made).toHaveBeenCalledTimes(1003);
  });

  it('is that of the usual subnet where the host chooses one for each request: the limit asks it', () => {
    const addressKeyOf = createAddressKey(async () => 64);
    const [one, another] = ['2001:db8:0:100::1', '2001:db8:0:101::1'].map((ip) => addressKeyOf(seenAs(ip)));
    expect(one).toBe(another);
  });

  it('is a word, and no address, where there is none', () => {
    expect(keyOfAddress(undefined, 56)).toBe('no address');
  });
});
