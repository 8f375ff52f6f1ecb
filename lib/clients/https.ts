import { promises as dns, type LookupAddress } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isGloballyReachable } from './address';
import type { FetchDocument } from './types';

/** All addresses of a name. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/** The options of `createHttpsFetch`. */
export interface HttpsOptions {
  /** Whether a connection to this address and port is allowed. Called for every address of a name. */
  isAllowedAddress?: ((address: string, port: number) => boolean) | undefined;
  resolve?: ResolveName | undefined;
  /** Certificates to trust instead of those of Node.js. */
  ca?: string | undefined;
}

const isPublicHttps = (address: string, port: number) => port === 443 && isGloballyReachable(address);

/**
 * Fetches by HTTPS from the public internet only, and follows no redirect. It checks the addresses of the name and
 * connects to exactly these. The name is not resolved a second time, so it cannot change in between.
 */
export function createHttpsFetch(options: HttpsOptions = {}): FetchDocument {
  const { isAllowedAddress = isPublicHttps, resolve = resolveName, ca } = options;

  return async function fetchByHttps(url, { headers, signal }) {
    const { hostname, port, pathname, search } = new URL(url);
    const host = hostname.replace(/[[\]]/g, '');
    const portNumber = Number(port === '' ? 443 : port);
    const addresses = isIP(host) === 0 ? await resolve(host) : [host];
    const refused = addresses.find((address) => isAllowedAddress(address, portNumber) !== true);
    if (refused !== undefined) throw new Error(`${host} leads to ${refused}, port ${portNumber}, which is not allowed`);
    if (addresses.length === 0) throw new Error(`${host} has no address`);

    const lookup = createLookup(addresses);
    const path = pathname + search;
    const response = await new Promise<IncomingMessage>((answered, failed) => {
      // No agent: a connection that is kept alive would outlive the check of its address.
      request({ host, port: portNumber, path, headers, signal, lookup, agent: false, ca })
        .on('response', answered)
        .on('error', failed)
        .end();
    });
    return {
      status: Number(response.statusCode),
      headers: { get: (name) => response.headersDistinct[name]?.join(', ') ?? null },
      body: response,
    };
  };
}

/** Returns the addresses that were checked, whatever the name. */
function createLookup(addresses: readonly string[]): LookupFunction {
  const all: LookupAddress[] = addresses.map((address) => ({ address, family: isIP(address) }));
  const [first] = all as [LookupAddress, ...LookupAddress[]];
  return (_name, { all: wantsAll }, callback) => {
    if (wantsAll) callback(null, all);
    else callback(null, first.address, first.family);
  };
}

/** Not `dns.lookup`, which blocks a thread of the pool while it waits for a name server. */
const resolver = new dns.Resolver({ timeout: 1000, tries: 2 });

async function resolveName(name: string): Promise<readonly string[]> {
  // Name servers must not be asked for it (RFC 6761 §6.3).
  if (/(?:^|\.)localhost\.?$/i.test(name)) return ['127.0.0.1', '::1'];
  const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  return found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}
