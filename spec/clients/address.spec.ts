import fc from 'fast-check';
import { isGloballyReachable, networkOf } from '../../lib/clients/address';

describe('An address is not globally reachable:', () => {
  it.each([
    ['this network', ['0.0.0.0', '0.255.255.255']],
    ['private', ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255']],
    ['shared by carriers', ['100.64.0.0', '100.64.0.1', '100.127.255.255']],
    ['loopback', ['127.0.0.0', '127.0.0.1', '127.255.255.255', '::1']],
    [
      'link-local, where clouds keep their metadata',
      ['169.254.0.0', '169.254.169.254', '169.254.255.255', 'fe80::1', 'febf::1'],
    ],
    ['protocol assignments', ['192.0.0.0', '192.0.0.8', '192.0.0.255', '2001::1', '2001:1ff::1']],
    ['documentation', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1', '3fff:fff::1']],
    ['6to4', ['192.88.99.1', '2002::1', '2002:7f00:1::']],
    ['benchmarks', ['198.18.0.0', '198.19.255.255']],
    ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1']],
    ['reserved and broadcast', ['240.0.0.1', '255.255.255.255', '::', '4000::1', '5f00::1']],
    ['unique local', ['fc00::1', 'fdff::1']],
    ['discarded', ['100::1']],
    [
      'IPv4 in IPv6',
      ['::ffff:10.0.0.1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:808:808', '::127.0.0.1', '::8.8.8.8'],
    ],
    [
      'NAT64 of such an address',
      ['64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::', '64:ff9b::e000:1'],
    ],
    ['NAT64 of a local network', ['64:ff9b:1::808:808', '64:ff9b:0:0:1::808:808']],
    ['with a zone', ['fe80::1%eth0', '2606:4700::1%eth0']],
    ['no address', ['', 'localhost', '127.1', '0x7f.0.0.1', '2130706433', '8.8.8.8:443', '[2606:4700::1]', '8.8.8.8 ']],
  ])('%s', (_what, addresses) => {
    expect(addresses.filter(isGloballyReachable)).toEqual([]);
  });
});

describe('An address is globally reachable:', () => {
  it.each([
    [
      'IPv4',
      [
        '1.1.1.1',
        '8.8.8.8',
        '9.255.255.255',
        '11.0.0.0',
        '100.63.255.255',
        '100.128.0.0',
        '126.255.255.255',
        '128.0.0.0',
        '169.253.255.255',
        '169.255.0.0',
        '172.15.255.255',
        '172.32.0.0',
        '191.255.255.255',
        '192.0.1.0',
        '192.167.255.255',
        '192.169.0.0',
        '198.17.255.255',
        '198.20.0.0',
        '223.255.255.255',
      ],
    ],
    [
      'IPv6',
      [
        '2606:4700:4700::1111',
        '2a00:1450::1',
        '2001:200::1',
        '2001:db7:ffff::1',
        '2001:db9::',
        '2003::1',
        '3ffe:ffff::1',
        '3fff:1000::1',
      ],
    ],
    ['NAT64 of such an address', ['64:ff9b::8.8.8.8', '64:ff9b::808:808', '64:ff9b::100:1']],
  ])('%s', (_what, addresses) => {
    expect(addresses.filter((address) => !isGloballyReachable(address))).toEqual([]);
  });

  it('NAT64 exactly where its IPv4 address is', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isGloballyReachable(`64:ff9b::${address}`)).toBe(isGloballyReachable(address));
      }),
    );
  });
});

describe('The network of an address is', () => {
  it.each([
    ['an IPv4 address', '203.0.113.9', '203.0.113.9'],
    ['the /64 of an IPv6 address', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['a /64 with zeros', '2001:db8::1', '2001:db8:0:0'],
    ['a /64 of zeros alone', '::1', '0:0:0:0'],
    ['the same /64 in another spelling', '2001:DB8:0:0:1:0:0:0', '2001:db8:0:0'],
    ['a /64 whose zeros are in the middle', '2001::1:2:3:4:5', '2001:0:0:1'],
    ['nobody', undefined, ''],
  ])('%s', (_what, address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
