import type { Request } from 'express';
import { ipKeyGenerator, type Options as RateLimitOptions } from 'express-rate-limit';
import { addressOf } from '../address';

/** What requests without an address share, over a Unix socket for example, or where something else stands in its place. */
const NO_ADDRESS = 'no address';

/** A key of an IPv6 address costs 17 µs, as much as the rest of the limit. */
const MAX_REMEMBERED = 1000;

/** What the clients of one IPv4 address, or of one IPv6 subnet, have in common. */
export function keyOfAddress(address: string | undefined, ipv6Subnet: number | false | undefined): string {
  return address === undefined ? NO_ADDRESS : ipKeyGenerator(address, ipv6Subnet);
}

/** Tells clients apart by address. IPv6 by its subnet: a subscriber has a whole one. */
export function createAddressKey(subnet: RateLimitOptions['ipv6Subnet'] | undefined): (req: Request) => string {
  // A function may need more than an address, and is asked by the limit.
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
