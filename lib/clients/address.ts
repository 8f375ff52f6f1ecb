import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** IPv4 addresses that are not globally reachable by IANA's Special-Purpose Address Registry, or not unicast. */
const SPECIAL_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** The same for IPv6, within 2000::/3: protocol assignments with Teredo, documentation, and 6to4, which holds an IPv4 address. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const special = listOf(SPECIAL_IPV4, SPECIAL_IPV6);
const globalUnicast = listOf([], ['2000::/3']);
const translated = listOf([], ['64:ff9b::/96']);

function listOf(ipv4: readonly string[], ipv6: readonly string[]): BlockList {
  const list = new BlockList();
  const add = (subnets: readonly string[], family: 'ipv4' | 'ipv6') => {
    for (const subnet of subnets) {
      const [network, prefix] = subnet.split('/') as [string, string];
      list.addSubnet(network, Number(prefix), family);
    }
  };
  add(ipv4, 'ipv4');
  add(ipv6, 'ipv6');
  return list;
}

/**
 * Whether an IP address is unicast and globally reachable by IANA's registries. A NAT64 address (RFC 6052) counts as
 * the IPv4 address in it. Anything that is not a plain IP address does not pass.
 */
export function isGloballyReachable(address: string): boolean {
  if (isIPv4(address)) return !special.check(address, 'ipv4');
  // An address with a zone is link-local.
  if (!isIPv6(address) || address.includes('%')) return false;
  if (translated.check(address, 'ipv6')) return isGloballyReachable(lastFourBytes(address));
  return globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** The eight groups of an IPv6 address, in hexadecimal without leading zeros. */
function groupsOf(address: string): string[] {
  // The URL parser normalizes IPv6 addresses: an IPv4 part becomes two groups, the longest run of zeros `::`.
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const known = text.split(':').filter(Boolean).length;
  const filled = text.replace('::', `:${'0:'.repeat(8 - known)}`);
  return filled.split(':').filter(Boolean);
}

/** The IPv4 address at the end of an IPv6 address. */
function lastFourBytes(address: string): string {
  const hex = groupsOf(address)
    .slice(6)
    .map((group) => group.padStart(4, '0'));
  return [...Buffer.from(hex.join(''), 'hex')].join('.');
}

/**
 * The network whose requests count together: an IPv4 address, or the /64 of an IPv6 address, which one host may own.
 */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return '';
  return isIPv6(address) ? groupsOf(address).slice(0, 4).join(':') : address;
}
