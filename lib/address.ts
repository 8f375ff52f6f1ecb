import { createHash } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import type { Request } from 'express';

/** Gateways append a port: `203.0.113.9:4711`, `[2001:db8::1]:4711`. Brackets may come without one. */
const WITH_PORT = /^(?:\[([^[\]]+)\](?::\d{1,5})?|([^[\]]*\.\d{1,3}):\d{1,5})$/;
const ZONE = /%.*/s;
/** The prefix that a dual-stack socket puts before an IPv4 address. */
const DUAL_STACK = '::ffff:';
/** An IPv4 address in IPv6 (RFC 4291 §2.5.5.2), as the URL parser writes it. */
const MAPPED_IPV4 = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/**
 * Returns the IP address of the client: the one that Express finds by `trust proxy`, or else the one in the event of a
 * function host. Removes the port and the zone, and writes IPv4-mapped IPv6 as IPv4. `undefined` if there is none.
 */
export function addressOf(req: Request): string | undefined {
  return addressByProxy(req) ?? parseAddress(req.ip) ?? parseAddress(addressOfEvent(req));
}

/**
 * Packages for function hosts overwrite `req.ip`. `req.ips` still has what Express found by `trust proxy`. A host that sets
 * `ips` as well has looked through the proxies itself: the one of Fastify begins with the proxy, not with the client.
 */
function addressByProxy(req: Request): string | undefined {
  const hidesIp = Object.hasOwn(req, 'ip') && !Object.hasOwn(req, 'ips');
  return hidesIp ? parseAddress(req.ips?.[0]) : undefined;
}

/** API Gateway and Function URLs put the address into their event. Some packages that run Express there pass it on. */
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
  // Most addresses are written so: a server listens on dual-stack sockets, unless it is told otherwise.
  if (seen.startsWith(DUAL_STACK) && isIPv4(seen.slice(DUAL_STACK.length))) return seen.slice(DUAL_STACK.length);
  const withPort = WITH_PORT.exec(seen);
  const address = (withPort?.[1] ?? withPort?.[2] ?? seen).replace(ZONE, '');
  const version = isIP(address);
  if (version !== 6) return version === 4 ? address : undefined;
  const ipv6 = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const mapped = MAPPED_IPV4.exec(ipv6);
  return mapped ? toDotted(mapped) : ipv6;
}

function toDotted([, high, low]: RegExpExecArray): string {
  const bits = (Number.parseInt(String(high), 16) << 16) | Number.parseInt(String(low), 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

/**
 * Returns the SHA-256 of the client's IP address in base64url, for `spentBy` of a code, so that a store keeps no
 * addresses. `null` if the address is unknown.
 */
export function digestOfAddress(req: Request): string | null {
  const address = addressOf(req);
  return address === undefined ? null : createHash('sha256').update(address).digest('base64url');
}
