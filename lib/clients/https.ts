import { promises as dns, type LookupAddress } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isGloballyReachable } from './address';
import type { FetchDocument } from './types';

/** All addresses of a name. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/** What decides about a connection. */
export interface HttpsOptions {
  /** Whether a connection to this address and port may be made. Every address of a name is asked for. */
  isAllowedAddress?: ((address: string, port: number) => boolean) | undefined;
  resolve?: ResolveName | undefined;
  /** Certificates to trust instead of those of Node.js. */
  ca?: string | undefined;
}

const isPublicHttps = (address: string, port: number) => port === 443 && isGloballyReachable(address);

/**
 * Fetches by HTTPS from the public internet only, and follows no redirect. The addresses of the name are checked, and the
 * connection goes to these addresses: the name is not resolved a second time, so it cannot change in between.
 */
export function createHttpsFetch(options: HttpsOptions = {}): FetchDocument {
  const { isAllowedAddress = isPublicHttps, resolve = resolveName, ca } = options;

  return async function fetchByHttps(url, { headers, signal }) {
    const { hostname, port, pathname, search } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const portNumber = Number(port === '' ? 443 : port);
    const addresses = isIP(host) === 0 ? await resolve(host) : [host];
    const refused = addresses.find((address) => isAllowedAddress(address, portNumber) !== true);
    if (refused !== undefined) throw new Error(`${host} leads to ${refused}, port ${portNumber}, which is not allowed`);
    if (addresses.length === 0) throw new Error(`${host} has no address`);

    const lookup = createLookup(addresses);
    const path = pathname + search;
    const response = await new Promise<IncomingMessage>((answered, failed) => {
      // No agent: a connection that is kept would outlive the check of its address.
      request({ host, port: portNumber, path, headers, signal, lookup, agent: false, ...(ca !== undefined && { ca }) })
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

/** Answers with the addresses that were checked, whatever name is asked for. */
function createLookup(addresses: readonly string[]): LookupFunction {
  const all: LookupAddress[] = addresses.map((address) => ({ address, family: isIP(address) }));
  const [first] = all as [LookupAddress, ...LookupAddress[]];
  return (_name, { all: wantsAll }, callback) => {
    if (wantsAll) callback(null, all);
    else callback(null, first.address, first.family);
  };
}

/** Not `dns.lookup`: that occupies a thread of the pool for as long as a name server keeps it waiting. */
const resolver = new dns.Resolver({ timeout: 1000, tries: 2 });

async function resolveName(name: string): Promise<readonly string[]> {
  // RFC 6761 §6.3: no name server is asked for it.
  if (/(?:^|\.)localhost\.?$/i.test(name)) return ['127.0.0.1', '::1'];
  const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  return found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}
