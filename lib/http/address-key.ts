import type { Request } from 'express';
import { ipKeyGenerator, type Options as RateLimitOptions } from 'express-rate-limit';
import { addressOf } from '../address';

/** The key of requests without an IP address, such as those over a Unix socket. */
const NO_ADDRESS = 'no address';

/** Keys of IPv6 addresses are kept, because making one costs 17 µs, as much as the rest of the limit. */
const MAX_REMEMBERED = 1000;

/** The key that all clients of one IPv4 address, or of one IPv6 subnet, share. */
export function keyOfAddress(address: string | undefined, ipv6Subnet: number | false | undefined): string {
  return address === undefined ? NO_ADDRESS : ipKeyGenerator(address, ipv6Subnet);
}

/**
 * Makes the keys of requests, by address. IPv6 addresses count by subnet, because one subscriber has a whole subnet.
 */
export function createAddressKey(subnet: RateLimitOptions['ipv6Subnet'] | undefined): (req: Request) => string {
  // A function may need more than the address. The limit calls it.
  const ipv6Subnet = typeof subnet === 'function' ? undefined : subnet;
  const keys = new Map<string, string>();

  return function addressKeyOf(req) {
    const address = addressOf(req);
    if (!address?.includes(':')) return keyOfAddress(address, ipv6Subnet);
    const known = keys.get(address);
    if (known !== undefined) return known;
    const key = keyOfAddress(address, ipv6Subnet);
    if (keys.size >= MAX_REMEMBERED) keys.clear();
    keys.set(address, key);
    return key;
  };
}
