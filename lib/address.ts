import { createHash } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import type { Request } from 'express';

/** Gateways write a port behind the address: `203.0.113.9:4711`, `[2001:db8::1]:4711`. A bracket may stand alone. */
const WITH_PORT = /^(?:\[([^[\]]+)\](?::\d{1,5})?|([^[\]]*\.\d{1,3}):\d{1,5})$/;
const ZONE = /%.*$/s;
/** What a socket that listens on IPv6 and IPv4 puts before an IPv4 address. */
const DUAL_STACK = '::ffff:';
/** An IPv4 address in IPv6 (RFC 4291 §2.5.5.2), as the URL parser writes it. */
const MAPPED_IPV4 = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/**
 * The IP address of the client as Express's `trust proxy` finds it, else as the event of a function host names it. In
 * one spelling: without a port and a zone, and an IPv4 address that is written as IPv6 as IPv4. `undefined` if there is
 * none.
 */
export function addressOf(req: Request): string | undefined {
  return addressByProxy(req) ?? parseAddress(req.ip) ?? parseAddress(addressOfEvent(req));
}

/**
 * Packages for function hosts write an `ip` of their own over Express's, which would hide what `trust proxy` finds. Where a
 * host writes `ips` as well, it has looked through the proxies itself: Fastify's begins with the proxy, not the client.
 */
function addressByProxy(req: Request): string | undefined {
  const hidesIp = Object.hasOwn(req, 'ip') && !Object.hasOwn(req, 'ips');
  return hidesIp ? parseAddress(req.ips?.[0]) : undefined;
}

/** API Gateway and Function URLs name the address in their event. Packages that run Express on them keep it, or not. */
function addressOfEvent(req: Request): unknown {
  const { requestContext } = req as { requestContext?: FunctionEvent | null };
  return requestContext?.identity?.sourceIp ?? requestContext?.http?.sourceIp;
}

interface FunctionEvent {
  identity?: { sourceIp?: unknown } | null;
  http?: { sourceIp?: unknown } | null;
}

function parseAddress(seen: unknown): string | undefined {
  if (typeof seen !== 'string') return undefined;
  if (isIPv4(seen)) return seen;
  if (seen.startsWith(DUAL_STACK) && isIPv4(seen.slice(DUAL_STACK.length))) return seen.slice(DUAL_STACK.length);
  const [, bracketed, dotted] = WITH_PORT.exec(seen) ?? [];
  const address = (bracketed ?? dotted ?? seen).replace(ZONE, '');
  const version = isIP(address);
  if (version !== 6) return version === 4 ? address : undefined;
  const ipv6 = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = MAPPED_IPV4.exec(ipv6) ?? [];
  return high === undefined ? ipv6 : toDotted(high, String(low));
}

function toDotted(high: string, low: string): string {
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

/** A digest of the client's address, for `spentBy`: a store need not keep addresses. `null` where there is none. */
export function digestOfAddress(req: Request): string | null {
  const address = addressOf(req);
  return address === undefined ? null : createHash('sha256').update(address).digest('base64url');
}
