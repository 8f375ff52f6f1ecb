import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Request } from 'express';

/** Gateways write a port behind the address: `203.0.113.9:4711`, `[2001:db8::1]:4711`. A bracket may stand alone. */
const WITH_PORT = /^(?:\[([\da-f:.%\w]+)\](?::\d{1,5})?|(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5})$/i;
const MAPPED_IPV4 = /^(?:0{0,4}:){0,5}:?ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/**
 * The IP address of the client as Express's `trust proxy` finds it, else as the event of a function host names it: without
 * a port and a zone, and an IPv4 address that is written as IPv6 as IPv4. `undefined` where there is none.
 */
export function addressOf(req: Request): string | undefined {
  return parseAddress(req.ip) ?? parseAddress(addressOfEvent(req));
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
  const [, bracketed, dotted] = WITH_PORT.exec(seen) ?? [];
  const address = (bracketed ?? dotted ?? seen).replace(/%.*$/s, '').toLowerCase();
  const ipv4 = MAPPED_IPV4.exec(address)?.[1] ?? address;
  return isIP(ipv4) === 0 ? undefined : ipv4;
}

/** A digest of the client's address, for `spentBy`: a store need not keep addresses. */
export function digestOfAddress(req: Request): string {
  return createHash('sha256')
    .update(addressOf(req) ?? '')
    .digest('base64url');
}
