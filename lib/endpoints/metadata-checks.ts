import { describeValue } from '../received';
import { isUrl } from './issuer';
import type { AuthorizationServerMetadataOptions } from './types';

export type Members = Readonly<Record<string, unknown>>;

const URL_NAMES = /_(?:endpoint|uri)$/;

/** What a router knows is not to be said otherwise. Lists are sets. */
export function listContradictions(given: Members, known: Members): string[] {
  return Object.entries(known).flatMap(([name, value]) => {
    if (value === undefined || !(name in given) || isSame(given[name], value)) return [];
    return [`members.${name} is ${show(given[name])}, but it is ${show(value)}. Leave it out.`];
  });
}

/** What an adapter of the host's does not say, and the document must not leave out. */
export function listUnknown(given: Members, known: Members): string[] {
  const unknown = Object.keys(known).filter((name) => known[name] === undefined && given[name] === undefined);
  return unknown.map((name) => `members.${name} is missing, and your adapter does not say it. Write an array.`);
}

export function listBadUrls(all: Members): string[] {
  const isGood = (url: unknown) =>
    typeof url === 'string' && /^https?:\/\/[\x21-\x7E]+$/.test(url) && !/[#@\\]/.test(url) && isUrl(url);
  return Object.entries(all)
    .filter(([name, url]) => URL_NAMES.test(name) && !isGood(url))
    .map(([name, url]) => `members.${name} is ${describeValue(url)}. Write an http(s) URL without a fragment.`);
}

/** A router that is mounted under another path than its URL is never found. */
export function listWrongPaths(all: Members, options: AuthorizationServerMetadataOptions): string[] {
  const routers = {
    token_endpoint: options.tokenRouter,
    revocation_endpoint: options.revocationRouter,
    introspection_endpoint: options.introspectionRouter,
  };
  return Object.entries(routers).flatMap(([name, router]) => {
    const url = String(all[name]);
    if (!router || !isUrl(url) || new URL(url).pathname.endsWith(router.metadata.path)) return [];
    return [`${name} is ${describeValue(url)}, but the path of its router is ${describeValue(router.metadata.path)}.`];
  });
}

const isSame = (one: unknown, other: unknown) => toSet(one) === toSet(other);
const toSet = (value: unknown) => JSON.stringify(Array.isArray(value) ? [...new Set(value)].sort() : value);
const show = (value: unknown) => (Array.isArray(value) ? value.map(String).join(', ') || 'none' : describeValue(value));
